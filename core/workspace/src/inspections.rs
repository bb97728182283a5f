//! Inspections: `decisions/inspections/NAME.toml`, rows drawn from a table and what people said of them.

use std::fs;
use std::path::{Path, PathBuf};

use trommel_model::{Code, Inspection, Outcome, Problem, is_word, nearest};

use crate::write_atomically;

const FOLDER: &str = "decisions/inspections";

/// Writes an inspection, and gives the file, relative to the workspace. One of that name that is there is replaced.
pub fn put_inspection(root: &Path, inspection: &Inspection) -> Outcome<PathBuf> {
    if !is_word(&inspection.name) {
        return Err(Problem::new(Code::Usage, format!("\"{}\" cannot be the name of an inspection", inspection.name))
            .next("use letters, digits, _ and - only"));
    }
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|e| Problem::from_io(&e, "make the folder", &folder))?;
    let text = toml::to_string(inspection)
        .map_err(|e| Problem::new(Code::Internal, "the inspection cannot be written down").why(e.to_string()))?;
    let path = Path::new(FOLDER).join(format!("{}.toml", inspection.name));
    let about =
        format!("# Rows of {} drawn to be judged. Judge with: trommel inspect judge {} right 1 2 3\n", inspection.table, inspection.name);
    write_atomically(&root.join(&path), &format!("{about}{text}"))?;
    Ok(path)
}

/// All inspections, newest first.
pub fn inspections(root: &Path) -> Outcome<Vec<Inspection>> {
    let folder = root.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Problem::from_io(&e, "read the folder", &folder)),
    };
    let mut all = Vec::new();
    for path in entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "toml")) {
        let Some(name) = path.file_stem().and_then(|n| n.to_str()).filter(|n| is_word(n)) else { continue };
        let text = fs::read_to_string(&path).map_err(|e| Problem::from_io(&e, "read the inspection", &path))?;
        let read: Inspection = toml::from_str(&text)
            .map_err(|e| Problem::new(Code::BadToml, "the inspection cannot be read").in_file(&path).why(e.message().to_owned()))?;
        all.push(Inspection { name: name.to_owned(), ..read });
    }
    all.sort_by(|a, b| b.drawn_at.cmp(&a.drawn_at).then_with(|| a.name.cmp(&b.name)));
    Ok(all)
}

/// The inspection of a name.
pub fn inspection(root: &Path, name: &str) -> Outcome<Inspection> {
    let all = inspections(root)?;
    let names: Vec<String> = all.iter().map(|i| i.name.clone()).collect();
    all.into_iter().find(|i| i.name == name).ok_or_else(|| {
        Problem::new(Code::UnknownName, format!("there is no inspection \"{name}\"")).next(
            match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if names.is_empty() => "draw one: trommel inspect draw mart.quotes".to_owned(),
                None => format!("there are: {}", names.join(", ")),
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use trommel_model::{InspectedRow, RowVerdict, Stratum};

    use super::*;

    #[test]
    fn inspections_are_text_that_is_read_as_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        assert!(inspections(dir.path()).unwrap().is_empty());
        let row = |number, verdict| InspectedRow {
            number,
            stratum: "a \"b\"".to_owned(),
            key: BTreeMap::from([("id".to_owned(), format!("{number}\n"))]),
            verdict,
            why: String::new(),
            who: "ann".to_owned(),
            at: String::new(),
        };
        let one = Inspection {
            name: "may".to_owned(),
            table: "mart.quotes".parse().unwrap(),
            snapshot: 4,
            drawn_at: "2026-01-31T09:30:00Z".to_owned(),
            drawn_by: "ann".to_owned(),
            seed: 1,
            by: Some("broker".to_owned()),
            signed: None,
            strata: vec![Stratum { value: "a \"b\"".to_owned(), rows: 10 }],
            rows: vec![row(1, Some(RowVerdict::Wrong)), row(2, None)],
        };
        put_inspection(dir.path(), &one).unwrap();
        assert_eq!(inspection(dir.path(), "may").unwrap(), one);
        let problem = inspection(dir.path(), "mai").unwrap_err();
        assert!(problem.next.unwrap().contains("may"));
        let bad = Inspection { name: "../x".to_owned(), ..one };
        assert_eq!(put_inspection(dir.path(), &bad).unwrap_err().code, Code::Usage);
    }
}
