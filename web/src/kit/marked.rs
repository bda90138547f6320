//! A sentence with marks: `*strong*`, `_emphasised_` and `` `symbol_with_subscript` ``.
//!
//! Marks are not nested, and a sentence that is to show one of them cannot be written.

use leptos::prelude::*;

/// A piece of a sentence.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Plain(&'a str),
    Strong(&'a str),
    Emphasised(&'a str),
    Symbol(&'a str),
}

/// Draws a sentence with marks.
pub fn marked(sentence: &str) -> impl IntoView + use<> {
    pieces(sentence)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(text) => text.to_owned().into_any(),
            Piece::Strong(text) => view! { <b>{text.to_owned()}</b> }.into_any(),
            Piece::Emphasised(text) => view! { <i>{text.to_owned()}</i> }.into_any(),
            Piece::Symbol(text) => {
                let (name, subscript) = text.split_once('_').unwrap_or((text, ""));
                let subscript = (!subscript.is_empty()).then(|| view! { <sub>{subscript.to_owned()}</sub> });
                view! { <var>{name.to_owned()}{subscript}</var> }.into_any()
            }
        })
        .collect_view()
}

fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = sentence;
    while let Some(start) = rest.find(['*', '_', '`']) {
        let (before, marked) = rest.split_at(start);
        let (mark, inside) = marked.split_at(1);
        let Some((inside, after)) = inside.split_once(mark) else { break };
        pieces.push(Piece::Plain(before));
        pieces.push(match mark {
            "*" => Piece::Strong(inside),
            "_" => Piece::Emphasised(inside),
            _ => Piece::Symbol(inside),
        });
        rest = after;
    }
    pieces.push(Piece::Plain(rest));
    pieces.retain(|piece| *piece != Piece::Plain(""));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_and_a_single_one_is_left_alone() {
        assert_eq!(
            pieces("*Framing*: `d`·`d_ctx` of _F_."),
            [
                Piece::Strong("Framing"),
                Piece::Plain(": "),
                Piece::Symbol("d"),
                Piece::Plain("·"),
                Piece::Symbol("d_ctx"),
                Piece::Plain(" of "),
                Piece::Emphasised("F"),
                Piece::Plain("."),
            ]
        );
        assert_eq!(pieces("2 * 3"), [Piece::Plain("2 * 3")]);
    }
}
