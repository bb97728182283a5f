//! The daily files of the online retail example: three made-up days, or a folder of real ones.

use std::fs;
use std::path::Path;

use trommel_model::{Outcome, Problem};

use crate::texts::RETAIL_DAYS;

/// Writes the made-up days into the workspace's `data`.
pub fn write(data: &Path) -> Outcome<Vec<String>> {
    for (path, text) in RETAIL_DAYS {
        let path = data.join(Path::new(path).file_name().unwrap_or_default());
        fs::write(&path, text).map_err(|e| Problem::from_io(&e, "write the example", &path))?;
    }
    Ok(vec![
        format!("{} made-up days in data/; --data DIR takes a folder of real ones", RETAIL_DAYS.len()),
        "each run takes only files it has not seen: put another day into the folder and run again".to_owned(),
    ])
}

/// Says what is in the folder of real files. An empty one is no fault: days may still come.
pub fn look(folder: &Path) -> Outcome<Vec<String>> {
    let entries = fs::read_dir(folder).map_err(|e| Problem::from_io(&e, "read the folder given with --data", folder))?;
    let days = entries.filter_map(Result::ok).filter(|e| e.path().extension().is_some_and(|x| x == "csv")).count();
    Ok(vec![match days {
        0 => format!("there are no .csv files in {} yet; a run needs at least one", folder.display()),
        1 => format!("1 daily file in {}", folder.display()),
        n => format!("{n} daily files in {}", folder.display()),
    }])
}
