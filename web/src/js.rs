//! What JavaScript threw, in words, and what goes on beside it.

use std::pin::Pin;

use js_sys::{Array, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    /// Ends the browser's task: what follows begins when the page has been drawn and has heard its reader.
    #[wasm_bindgen(js_name = nextTask)]
    pub async fn next_task();
    /// Lets what is below the view be fetched.
    pub fn wake();
    /// Returns when that may be fetched.
    pub async fn woken();
    #[wasm_bindgen(catch, js_name = call)]
    async fn call_with(script: &str, function: &str, arguments: &Array) -> Result<JsValue, JsValue>;
}

/// Calls a function of one of the scripts that `later.js` lists by its name there, and waits for what comes of it. The
/// script is fetched first, if it was not before.
///
/// # Errors
/// What the browser or the script has thrown.
pub async fn call(script: &str, function: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    call_with(script, function, &arguments.iter().collect()).await
}

/// Lets something go on while the page does other things. Boxed, because the page would otherwise hold a copy
/// of the code around it for each.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    spawn_local(future);
}

/// Lets the latest of several askers answer, and nobody whose place on the page is gone.
#[derive(Clone, Copy)]
pub struct Latest(StoredValue<u32>);

impl Latest {
    /// Nobody has asked yet.
    #[expect(clippy::new_without_default, reason = "a stored value belongs to the owner that makes it")]
    pub fn new() -> Self {
        Latest(StoredValue::new(0))
    }

    /// From now on the answers to all who have asked are too late.
    pub fn pass_over(self) {
        self.0.try_update_value(|asked| *asked += 1);
    }

    /// Asks. What comes back says from then on whether nobody has asked since.
    pub fn ask(self) -> impl Fn() -> bool {
        self.pass_over();
        let own = self.0.try_get_value();
        move || own.is_some() && self.0.try_get_value() == own
    }
}

/// The message of an error, or the text that was thrown.
pub fn describe(error: &JsValue) -> String {
    let message = Reflect::get(error, &JsValue::from_str("message")).ok().and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "unknown error".into())
}
