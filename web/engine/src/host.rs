//! The browser around a session: the port for events, the clock, the log, panics and WebGPU.

use std::sync::atomic::{AtomicUsize, Ordering};

use hedgerow::Error;
use hedgerow::documents::protocol::{EngineReason, Event, encode};
use hedgerow::worker::session::{Gpu, Host};
use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::DedicatedWorkerGlobalScope;

static LOGGED_ERRORS: AtomicUsize = AtomicUsize::new(0);

/// The worker's browser.
pub(crate) struct Browser;

impl Host for Browser {
    fn send(&self, event: &Event) {
        #[cfg(feature = "gpu")]
        gpu::notice_choice(event);
        post(event);
    }

    fn now(&self) -> f64 {
        scope().performance().map_or(0.0, |clock| clock.now())
    }

    fn logged_errors(&self) -> usize {
        LOGGED_ERRORS.load(Ordering::Relaxed)
    }

    async fn open_gpu(&self) -> Result<Gpu, EngineReason> {
        #[cfg(feature = "gpu")]
        return gpu::open().await;
        #[cfg(not(feature = "gpu"))]
        Err(EngineReason::NotBuilt)
    }
}

/// Posts an event to the page, as bytes.
pub(crate) fn post(event: &Event) {
    let buffer = Uint8Array::from(encode(event).as_slice()).buffer();
    // A failure to post is the page being gone.
    drop(scope().post_message_with_transfer(&buffer, &Array::of1(&buffer)));
}

/// Lets so many milliseconds pass, and other messages and promises have their turn.
pub(crate) async fn pause(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds).expect("a timer");
    });
    JsFuture::from(promise).await.expect("a timer that is never rejected");
}

pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// A panic ends this instance: the page is told to start another worker from the last snapshot.
pub(crate) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        post(&Event::Failed { run: None, error: Error::Panicked { place }, fatal: true });
    }));
}

/// Has errors in the log counted: a kernel that WebGPU refuses is logged and nothing else.
pub(crate) fn count_errors() {
    log::set_boxed_logger(Box::new(CountingLog)).expect("no other logger");
    log::set_max_level(log::LevelFilter::Warn);
}

/// Forwards warnings to the console and counts errors.
struct CountingLog;

impl log::Log for CountingLog {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            if record.level() == log::Level::Error {
                LOGGED_ERRORS.fetch_add(1, Ordering::Relaxed);
            }
            console_log::log(record);
        }
    }

    fn flush(&self) {}
}

#[cfg(feature = "gpu")]
mod gpu {
    //! WebGPU through burn-wgpu, opened at most once a worker.

    use std::cell::RefCell;
    use std::pin::pin;
    use std::sync::atomic::{AtomicBool, Ordering};

    use burn_wgpu::wgpu::{DeviceLostReason, DeviceType};
    use burn_wgpu::{WgpuInitError, WgpuSetup};
    use futures_util::future::{Either, select};
    use hedgerow::documents::protocol::{EngineKind, EngineReason, Event};
    use hedgerow::worker::session::Gpu;
    use hedgerow::{Device, Error};
    use js_sys::{Function, Promise, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;

    use super::{pause, post, scope};

    /// Kernels in one submit: an update is a few submits instead of dozens.
    const TASKS: usize = 512;

    /// How long the browser may take to find an adapter and to open it.
    const PATIENCE_MS: i32 = 10_000;

    /// Parts of the names that software renderers go by.
    const SOFTWARE: [&str; 3] = ["swiftshader", "llvmpipe", "basic render"];

    /// Whether the worker trains on the GPU. One that is lost while the CPU trains is no failure.
    static CHOSEN: AtomicBool = AtomicBool::new(false);

    thread_local! {
        /// burn refuses to initialise a device twice, and knows the first under no other name.
        static OPENED: RefCell<Option<Gpu>> = const { RefCell::new(None) };
    }

    /// Remembers which device the session has taken.
    pub(super) fn notice_choice(event: &Event) {
        if let Event::EngineChosen(choice) = event {
            CHOSEN.store(choice.kind == EngineKind::Gpu, Ordering::Relaxed);
        }
    }

    /// The GPU that this worker has opened, or opens now.
    pub(super) async fn open() -> Result<Gpu, EngineReason> {
        if let Some(gpu) = OPENED.with_borrow(Clone::clone) {
            return Ok(gpu);
        }
        hedgerow::kernels::keep_buffers();
        let opening = pin!(Device::wgpu_options().tasks_max(TASKS).init_with_setup_async());
        let Either::Left((opened, _)) = select(opening, pin!(pause(PATIENCE_MS))).await else {
            return Err(EngineReason::NotAnswered);
        };
        let (device, setup) = match opened {
            Ok(opened) => opened,
            Err(WgpuInitError::AdapterUnavailable { .. } | WgpuInitError::UnsupportedGraphicsApi { .. }) => {
                return Err(EngineReason::NotOffered);
            }
            Err(error) => return Err(EngineReason::NotOpened(error.to_string())),
        };
        report_loss(&setup);
        let (adapter, software) = describe(&setup).await;
        let gpu = Gpu { device, adapter, software };
        OPENED.set(Some(gpu.clone()));
        Ok(gpu)
    }

    /// After a loss every call is a silent no-op: the page has to start another worker.
    fn report_loss(setup: &WgpuSetup) {
        setup.device.set_device_lost_callback(|reason, message| {
            if CHOSEN.load(Ordering::Relaxed) && reason != DeviceLostReason::Destroyed {
                post(&Event::Failed { run: None, error: Error::Device(message), fatal: true });
            }
        });
    }

    /// The adapter's name, and whether it is a software renderer.
    async fn describe(setup: &WgpuSetup) -> (String, bool) {
        let info = setup.adapter.get_info();
        let (mut words, fallback) = browsers_words().await.unwrap_or_default();
        if words.is_empty() {
            words.push(info.name);
        }
        let name = words.join(" ");
        let lower = name.to_lowercase();
        let software =
            fallback || info.device_type == DeviceType::Cpu || SOFTWARE.iter().any(|part| lower.contains(part));
        (name, software)
    }

    /// The words that the browser has for its adapter, and the fallback flag of browsers that keep it on the
    /// adapter itself. By reflection, because wgpu 30 passes on neither: its `AdapterInfo` holds the description
    /// alone (gfx-rs/wgpu#8819), which most browsers leave empty, and `web-sys` has WebGPU behind a flag that the
    /// whole build would have to be compiled with.
    async fn browsers_words() -> Option<(Vec<String>, bool)> {
        let get = |object: &JsValue, key: &str| Reflect::get(object, &key.into());
        let gpu = get(&scope().navigator(), "gpu").ok().filter(JsValue::is_object)?;
        let request = get(&gpu, "requestAdapter").ok()?.dyn_into::<Function>().ok()?;
        let adapter = JsFuture::from(request.call0(&gpu).ok()?.dyn_into::<Promise>().ok()?).await.ok()?;
        let info = get(&adapter, "info").ok()?;
        let text = |key| get(&info, key).ok()?.as_string().filter(|text| !text.is_empty());
        let mut words: Vec<String> =
            ["vendor", "architecture", "device", "description"].into_iter().filter_map(text).collect();
        words.dedup();
        Some((words, get(&adapter, "isFallbackAdapter").is_ok_and(|flag| flag.is_truthy())))
    }
}
