//! The process around the faces: its streams, its signals, its session.

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use trommel_model::Exit;
use trommel_runtime::{Session, Settings, Stopper};

use crate::cli::{self, Invocation, Io, Parsed};
use crate::term;

/// Does what the command line asks; what comes back is what the process ends with.
pub fn run(arguments: Vec<OsString>) -> Exit {
    quiet_workers();
    let mut out = BufWriter::new(io::stdout());
    let mut err = io::stderr();
    let columns = || crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
    let env = |name: &str| std::env::var(name).ok();
    let mut io = Io {
        out_columns: io::stdout().is_terminal().then(columns),
        err_columns: io::stderr().is_terminal().then(columns),
        out: &mut out,
        err: &mut err,
        env: &env,
    };
    match cli::parse(arguments, &mut io) {
        Parsed::Done(exit) => exit,
        Parsed::Verb(invocation) => verb(&invocation, &mut io),
        Parsed::Terminal(globals) => {
            let start = term::Start {
                workspace: globals.workspace,
                environment: globals.environment,
                capabilities: term::Capabilities::detect(&env),
            };
            match term::run(start, |wake| Session::start(settings(wake))) {
                Ok(()) => Exit::Ok,
                Err(problem) => {
                    cli::print_problem(&problem, globals.colour, &mut io);
                    problem.code.exit()
                }
            }
        }
    }
}

/// A panic of a worker becomes a problem with the same words; it is printed as it is only for who asks for a backtrace.
fn quiet_workers() {
    let tell = std::panic::take_hook();
    let faces = std::thread::current().id();
    let wanted = std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v != "0");
    std::panic::set_hook(Box::new(move |panic| {
        if wanted || std::thread::current().id() == faces {
            tell(panic);
        }
    }));
}

fn verb(invocation: &Invocation, io: &mut Io<'_>) -> Exit {
    let mut session = match Session::start(settings(Arc::new(|| {}))) {
        Ok(session) => session,
        Err(problem) => {
            cli::print_problem(&problem, invocation.globals.colour, io);
            return problem.code.exit();
        }
    };
    let stopping = Arc::new(AtomicBool::new(false));
    let stopper = session.stopper();
    if let Err(e) = stop_on_signals(stopper.clone(), stopping.clone()) {
        writeln!(io.err, "warning: Ctrl-C will end this at once: {e}").ok();
    }
    let stop = || {
        // Work that started after the signal has to hear of it too.
        if stopping.load(Ordering::SeqCst) {
            stopper.stop_all();
        }
    };
    cli::perform(&mut session, invocation, io, &stop)
}

/// The first signal stops the work cleanly, the second one ends the process at once.
fn stop_on_signals(stopper: Stopper, stopping: Arc<AtomicBool>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if stopping.swap(true, Ordering::SeqCst) {
                signal_hook::low_level::emulate_default_handler(signal).ok();
            }
            stopper.stop_all();
            writeln!(io::stderr(), "\nstopping; once more ends it at once").ok();
        }
    })?;
    Ok(())
}

/// What the session is told about this machine.
fn settings(wake: Arc<dyn Fn() + Send + Sync>) -> Settings {
    Settings {
        config_dir: std::env::var_os("TROMMEL_CONFIG_DIR").filter(|d| !d.is_empty()).map(PathBuf::from),
        threads: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        wake,
    }
}
