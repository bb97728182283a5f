//! Layering, habits and features of the whole project, held by tests. There is nothing here but tests.
