//! Sends what is written at once, also the last part of a statement that fills no packet.
//!
//! Otherwise the system holds that part back until the server has acknowledged what came before, which the server in turn
//! delays: some 40 ms for each statement. `sqlx` neither sets the option nor hands out its socket, so the socket is found
//! among the files of the process, by the port it leads to. Where the system does not let us, statements are only slower.

/// Switches the delay off for connections to a port.
pub fn nodelay(port: u16) {
    #[cfg(target_os = "linux")]
    linux::switch_off(port);
    #[cfg(not(target_os = "linux"))]
    let _ = port;
}

#[cfg(target_os = "linux")]
mod linux {
    use std::net::SocketAddr;
    use std::os::fd::OwnedFd;

    use rustix::net::sockopt::set_tcp_nodelay;
    use rustix::net::{SocketAddrAny, getpeername};
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    pub(super) fn switch_off(port: u16) {
        let Ok(own) = pidfd_open(getpid(), PidfdFlags::empty()) else { return };
        for entry in std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten() {
            let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // A file that was closed meanwhile, and any other, is none to be changed.
            let Ok(file) = pidfd_getfd(&own, number, PidfdGetfdFlags::empty()) else { continue };
            if leads_to(&file, port) {
                let _ = set_tcp_nodelay(&file, true);
            }
        }
    }

    fn leads_to(file: &OwnedFd, port: u16) -> bool {
        let peer: Option<SocketAddrAny> = getpeername(file).ok().flatten();
        peer.and_then(|peer| SocketAddr::try_from(peer).ok()).is_some_and(|peer| peer.port() == port)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn only_connections_to_the_port_are_changed() {
        let (one, other) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
        let (to_one, to_other) =
            (TcpStream::connect(one.local_addr().unwrap()).unwrap(), TcpStream::connect(other.local_addr().unwrap()).unwrap());
        nodelay(one.local_addr().unwrap().port());
        assert_eq!((to_one.nodelay().unwrap(), to_other.nodelay().unwrap()), (true, false));
    }
}
