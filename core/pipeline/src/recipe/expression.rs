//! Expressions that people write, held in their place: nothing in them can leave its parentheses.

use std::ops::Range;

use trommel_model::Outcome;

use super::chain::Chain;
use crate::lexer::{TokenKind, tokens};

/// What an expression shows without being understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// It looks at other rows (`… over (…)`).
    pub window: bool,
}

/// Checks that the text is one expression as far as brackets and quotes can say; the engine checks the rest.
pub(super) fn check(chain: &Chain, text: &str) -> Outcome<Facts> {
    match misread(text) {
        None => Ok(Facts { window: has_window(text) }),
        Some((_, label)) if label == EMPTY => Err(chain.fault("the expression is empty")),
        Some((span, label)) => {
            let place = format!("step {} ({})", chain.step, chain.step_name);
            Err(chain.fault("the expression cannot be read").pointing_at(place, text, span, label))
        }
    }
}

/// What is said of a text without anything in it.
const EMPTY: &str = "nothing is written";

/// The first place at which the text is not one expression, and why.
pub(crate) fn misread(text: &str) -> Option<(Range<usize>, String)> {
    let fault = |span: Range<usize>, label: &str| Some((span, label.to_owned()));
    let tokens = match tokens(text) {
        Ok(tokens) if tokens.is_empty() => return fault(0..text.len(), EMPTY),
        Ok(tokens) => tokens,
        Err(unclosed) => return fault(unclosed.span, &format!("this {} does not end", unclosed.what)),
    };
    let mut open: Vec<(char, Range<usize>)> = Vec::new();
    for token in tokens {
        match token.kind {
            TokenKind::Symbol(c @ ('(' | '[' | '{')) => open.push((c, token.span)),
            TokenKind::Symbol(c @ (')' | ']' | '}')) => match open.pop() {
                Some((o, _)) if matches!((o, c), ('(', ')') | ('[', ']') | ('{', '}')) => {}
                _ => return fault(token.span, "this closes nothing"),
            },
            TokenKind::Symbol(';') => return fault(token.span, "an expression has no semicolon"),
            _ => {}
        }
    }
    open.pop().and_then(|(_, span)| fault(span, "this is not closed"))
}

/// Words that begin a query where a parenthesis opens.
const QUERIES: [&str; 9] = ["from", "table", "with", "values", "pivot", "unpivot", "describe", "show", "summarize"];

/// The first place at which a text looks beyond its rows: a query of its own, or a window.
pub(crate) fn looks_elsewhere(text: &str) -> Option<Range<usize>> {
    let is = |token: &crate::lexer::Token, word: &str| token.kind == TokenKind::Word && text[token.span.clone()].eq_ignore_ascii_case(word);
    let all = tokens(text).ok()?;
    let opens = |at: usize| at > 0 && all[at - 1].kind == TokenKind::Symbol('(');
    let elsewhere = |at: usize| {
        let token = &all[at];
        is(token, "select") || is(token, "over") || (opens(at) && QUERIES.iter().any(|word| is(token, word)))
    };
    (0..all.len()).find(|at| elsewhere(*at)).map(|at| all[at].span.clone())
}

/// True when the text looks at other rows; false for what cannot be read.
pub(super) fn has_window(text: &str) -> bool {
    let over = |t: &crate::lexer::Token| t.kind == TokenKind::Word && text[t.span.clone()].eq_ignore_ascii_case("over");
    tokens(text).is_ok_and(|all| all.iter().any(over))
}

/// The expression in parentheses; a comment at its end cannot swallow the closing one.
pub(super) fn in_parentheses(text: &str) -> String {
    if text.contains("--") { format!("({text}\n)") } else { format!("({text})") }
}
