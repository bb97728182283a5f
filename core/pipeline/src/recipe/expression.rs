//! Expressions that people write, held in their place: nothing in them can leave its parentheses.

use trommel_model::{Outcome, Problem};

use super::chain::Chain;
use crate::lexer::{TokenKind, tokens};

/// What an expression shows without being understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// It looks at other rows (`… over (…)`).
    pub window: bool,
}

/// Checks that the text is one expression as far as brackets and quotes can say; the engine checks the rest.
pub(super) fn check(chain: &Chain, text: &str) -> Outcome<Facts> {
    let fault = |span: std::ops::Range<usize>, label: &str| -> Problem {
        chain.fault("the expression cannot be read").pointing_at(format!("step {} ({})", chain.step, chain.step_name), text, span, label)
    };
    let tokens = tokens(text).map_err(|u| fault(u.span, &format!("this {} does not end", u.what)))?;
    if tokens.is_empty() {
        return Err(chain.fault("the expression is empty"));
    }
    let mut open: Vec<(char, std::ops::Range<usize>)> = Vec::new();
    for token in tokens {
        match token.kind {
            TokenKind::Symbol(c @ ('(' | '[' | '{')) => open.push((c, token.span)),
            TokenKind::Symbol(c @ (')' | ']' | '}')) => match open.pop() {
                Some((o, _)) if matches!((o, c), ('(', ')') | ('[', ']') | ('{', '}')) => {}
                _ => return Err(fault(token.span, "this closes nothing")),
            },
            TokenKind::Symbol(';') => return Err(fault(token.span, "an expression has no semicolon")),
            _ => {}
        }
    }
    match open.pop() {
        Some((_, span)) => Err(fault(span, "this is not closed")),
        None => Ok(Facts { window: has_window(text) }),
    }
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
