//! A real language model in a browser's worker: it reads a GGUF file and answers questions, with and without adapters.
//!
//! `worker.js` is around it, which speaks with the page. Leaves out training: on one thread of a browser an update
//! takes minutes (docs/PERFORMANCE.md), so what the page shows of it is recorded.

use hedgerow_language_model::checkpoint::GgufFile;
use hedgerow_language_model::decoder::Decoder;
use hedgerow_language_model::tokenizer::{ChatTokenizer, Token};
use hedgerow_language_model::{Device, adapters};
use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;

fn main() {
    // What panics says where before it ends this instance.
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
}

/// A model and the last of what adapters made of it.
#[wasm_bindgen]
pub struct Assistant {
    base: Decoder,
    tokenizer: ChatTokenizer,
    adapted: Option<Decoder>,
}

#[wasm_bindgen]
impl Assistant {
    /// Unpacks a GGUF file: 135 million weights take 540 MB.
    ///
    /// # Errors
    /// Why it cannot be used.
    #[wasm_bindgen(constructor)]
    pub fn new(file: Vec<u8>) -> Result<Assistant, JsError> {
        let GgufFile { checkpoint, tokenizer } = GgufFile::read(&file)?;
        drop(file);
        Ok(Assistant { base: Decoder::new(checkpoint, &Device::flex())?, tokenizer, adapted: None })
    }

    /// Has the model with these adapters answer from now on, merged one after the other; without any, the model as it is.
    ///
    /// # Errors
    /// Why they cannot be used; the model as it is answers then.
    pub fn adapt(&mut self, files: Vec<Uint8Array>) -> Result<(), JsError> {
        // What is not needed any more goes first: each has 250 MB of weights of its own.
        self.adapted = None;
        let mut adapted = None;
        for file in files {
            let decoder = adapted.as_ref().unwrap_or(&self.base);
            adapted = Some(adapters::read(&file.to_vec(), decoder)?.merge(decoder));
        }
        self.adapted = adapted;
        Ok(())
    }

    /// The most probable answer. `told` hears it as far as it goes, after each token.
    ///
    /// # Errors
    /// If the question cannot be put into tokens.
    pub fn answer(&self, question: &str, tokens: usize, told: &Function) -> Result<String, JsError> {
        let decoder = self.adapted.as_ref().unwrap_or(&self.base);
        let mut text: Vec<Token> = Vec::new();
        let mut hear = |token| {
            text.push(token);
            // Half a letter at the end is whole with the next token.
            if let Ok(text) = self.tokenizer.decode(&text) {
                drop(told.call1(&JsValue::NULL, &text.into()));
            }
        };
        let prompt = self.tokenizer.question(question)?;
        let answer = decoder.answer_aloud(&prompt, tokens, self.tokenizer.end(), &mut hear);
        Ok(self.tokenizer.decode(&answer)?)
    }
}
