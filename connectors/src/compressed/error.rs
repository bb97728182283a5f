//! Faults of packed files.

use trommel_model::{Code, Problem};

/// It cannot be unpacked.
pub fn unreadable(why: impl std::fmt::Display) -> Problem {
    Problem::new(Code::BadArchive, "the packed file cannot be unpacked").why(why.to_string()).next("check that it was copied whole")
}

/// It unpacks to more than any table needs.
pub fn bomb(packed: u64, unpacked: u64) -> Problem {
    Problem::new(Code::TooLarge, "the packed file unpacks to far more than its size")
        .why(format!("{packed} bytes unpack to more than {unpacked}"))
        .next("do not trust this file; if it is sound, unpack it by hand")
}

/// A member under a name that leads out of the archive.
pub fn leads_out(name: &str) -> Problem {
    Problem::new(Code::Denied, "the archive has a member whose name leads out of it")
        .why(format!("\"{name}\""))
        .next("do not trust this archive")
}

/// A member that needs a password.
pub fn locked(name: &str) -> Problem {
    Problem::new(Code::BadArchive, "the archive is protected by a password").why(format!("member \"{name}\"")).next("unpack it by hand")
}

/// There is no file in the archive.
pub fn no_members() -> Problem {
    Problem::new(Code::EmptyFile, "the archive has no files in it")
}

/// Which of the members is meant was not said.
pub fn which_member(names: &[String]) -> Problem {
    let shown: Vec<&str> = names.iter().take(12).map(String::as_str).collect();
    let rest = names.len() - shown.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    Problem::new(Code::BadConfig, "the archive has several files in it")
        .why(format!("{}{more}", shown.join(", ")))
        .next("name one: 'archive.zip::member.csv' in a query, path = \"archive.zip/member.csv\" or \"archive.zip/*.csv\" in a source")
}

/// No such member.
pub fn unknown_member(name: &str) -> Problem {
    Problem::new(Code::FileNotFound, format!("the archive has no file \"{name}\""))
}
