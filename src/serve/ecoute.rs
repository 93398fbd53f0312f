//! Listening: on loopback in clear, elsewhere behind TLS or a reverse proxy.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum_server::tls_rustls::RustlsConfig;
use axum_server::{Handle, Server};
use tower_http::timeout::RequestBodyTimeoutLayer;

/// How long requests under way may last once the server is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long the head of a request, then each piece of its body, may take: a connection that says
/// nothing holds a place.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often certificates are looked at, to take up renewed ones.
const RENEWAL: Duration = Duration::from_secs(300);

/// Where and how the server listens.
#[derive(Clone, Debug)]
pub struct Ecoute {
    /// The address; port 0: any free one.
    pub adresse: SocketAddr,
    /// Certificate chain and key, PEM files.
    pub certificats: Option<(PathBuf, PathBuf)>,
    /// Whether a reverse proxy stands in front, which does TLS and names the client.
    pub derriere_proxy: bool,
}

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum EcouteError {
    /// An address that others can reach, in clear.
    #[error("`{0}` can be reached by others, and nothing would be encrypted")]
    EnClair(SocketAddr),
    /// The address is taken, or not of this machine.
    #[error("cannot listen on `{0}`: {1}")]
    Adresse(SocketAddr, std::io::Error),
    /// A certificate or a key cannot be used.
    #[error("the certificate `{0}` and the key `{1}` cannot be used: {2}")]
    Certificats(PathBuf, PathBuf, std::io::Error),
    /// The server stopped by itself.
    #[error("the server stopped: {0}")]
    Arret(std::io::Error),
}

impl EcouteError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::EnClair(_) => {
                "give `--certificat` and `--cle`, or put a reverse proxy that does TLS in front and \
                 say `--derriere-proxy`"
            }
            Self::Adresse(..) => "choose another `--ecoute`, or stop what listens there",
            Self::Certificats(..) => "give a PEM chain and its PEM key, readable by this account",
            Self::Arret(_) => "start it again",
        }
    }
}

/// Listens until the process is asked to stop (SIGTERM, Ctrl-C); `pret` is told the address once
/// requests are taken.
///
/// Errors: the address, the certificates.
pub async fn ecouter(
    ecoute: &Ecoute,
    routeur: Router,
    pret: impl FnOnce(&str),
) -> Result<(), EcouteError> {
    let adresse = ecoute.adresse;
    let tls = ecoute.certificats.is_some();
    if !tls && !ecoute.derriere_proxy && !adresse.ip().is_loopback() {
        return Err(EcouteError::EnClair(adresse));
    }
    let wrong = |error| EcouteError::Adresse(adresse, error);
    let listener = TcpListener::bind(adresse).map_err(wrong)?;
    listener.set_nonblocking(true).map_err(wrong)?;
    let found = listener.local_addr().map_err(wrong)?;
    let handle = Handle::new();
    tokio::spawn(stop_when_asked(handle.clone()));
    let routeur = routeur.layer(RequestBodyTimeoutLayer::new(PATIENCE));
    let service = routeur.into_make_service_with_connect_info::<SocketAddr>();
    let served = match &ecoute.certificats {
        Some((chain, key)) => {
            let wrong = |error| EcouteError::Certificats(chain.clone(), key.clone(), error);
            let config = RustlsConfig::from_pem_file(chain, key).await.map_err(wrong)?;
            tokio::spawn(renew(config.clone(), chain.clone(), key.clone()));
            let server = axum_server::from_tcp_rustls(listener, config).map_err(wrong)?;
            pret(&format!("https://{found}/"));
            patient(server, PATIENCE).handle(handle).serve(service).await
        }
        None => {
            let server = axum_server::from_tcp(listener).map_err(wrong)?;
            pret(&format!("http://{found}/"));
            patient(server, PATIENCE).handle(handle).serve(service).await
        }
    };
    served.map_err(EcouteError::Arret)
}

/// Closes connections whose first request, or the head of a later one, does not come.
fn patient<A>(server: Server<SocketAddr, A>, patience: Duration) -> Server<SocketAddr, A> {
    let mut server = server.first_request_timeout(patience);
    server.http_builder().http1().header_read_timeout(patience);
    server
}

async fn stop_when_asked(handle: Handle<SocketAddr>) {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
    handle.graceful_shutdown(Some(GRACE));
}

/// Takes up certificates that were renewed, without a restart.
async fn renew(config: RustlsConfig, chain: PathBuf, key: PathBuf) {
    let mut seen = (modified(&chain), modified(&key));
    loop {
        tokio::time::sleep(RENEWAL).await;
        let now = (modified(&chain), modified(&key));
        // A pair that cannot be used yet is tried again: the other half may be on its way.
        if now != seen && config.reload_from_pem_file(&chain, &key).await.is_ok() {
            seen = now;
        }
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|data| data.modified()).ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    /// What is read of a connection that sends these bytes and nothing more, until it is closed.
    fn answered(address: SocketAddr, bytes: &[u8]) -> String {
        let mut line = TcpStream::connect(address).unwrap();
        line.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        line.write_all(bytes).unwrap();
        let mut read = Vec::new();
        line.read_to_end(&mut read).expect("the connection was left open");
        String::from_utf8(read).unwrap()
    }

    #[test]
    fn a_connection_that_says_nothing_is_closed() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let patience = Duration::from_millis(200);
        let page = Router::new().fallback(|_: String| async { "oui" });
        let page = page.layer(RequestBodyTimeoutLayer::new(patience));
        runtime.spawn(async move {
            let server = patient(axum_server::from_tcp(listener).unwrap(), patience);
            server.serve(page.into_make_service()).await
        });
        let whole = "GET / HTTP/1.1\r\nHost: ici\r\n\r\n";
        assert!(answered(address, whole.as_bytes()).ends_with("oui"));
        let then = format!("{whole}GET /");
        assert!(answered(address, then.as_bytes()).contains("oui"));
        let sends = "POST / HTTP/1.1\r\nHost: ici\r\nContent-Length: 9\r\n\r\nune";
        for half in ["", "GET / HTTP/1.1\r\nHost:", sends] {
            assert!(!answered(address, half.as_bytes()).contains("oui"));
        }
    }
}
