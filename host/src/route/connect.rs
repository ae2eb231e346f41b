//! The one way to a TCP connection.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The time after which the next address is tried beside one that does not answer (RFC 8305 §5).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to one of the addresses, in their order. After an address that refuses, the next one is tried at once. Beside
/// one that does not answer, the next one is tried after a moment, and the first to answer wins.
///
/// # Errors
///
/// The error of the last address that refused, or `TimedOut` if none answered within `limit`.
pub(crate) async fn connect(addresses: &[SocketAddr], limit: Duration) -> io::Result<TcpStream> {
    let connected = timeout(limit, connect_to_first(addresses)).await;
    connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn connect_to_first(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut next = addresses.iter();
    let mut attempts = FuturesUnordered::new();
    let mut refused = io::Error::from(io::ErrorKind::NotFound);
    loop {
        if let Some(address) = next.next() {
            attempts.push(TcpStream::connect(*address));
        }
        let attempt = if next.len() == 0 {
            attempts.next().await
        } else {
            match timeout(STAGGER, attempts.next()).await {
                Ok(attempt) => attempt,
                Err(_) => continue,
            }
        };
        match attempt {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => refused = error,
            None => return Err(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::StalledListener;
    use epicac_tests::require::skipped;
    use std::net::TcpListener;

    #[tokio::test]
    async fn an_address_that_does_not_answer_makes_way_for_the_next() {
        let Some(stalled) = StalledListener::start().unwrap() else {
            return skipped("a full backlog does not stall a connection here");
        };
        let stalled = stalled.address().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let good = listener.local_addr().unwrap();
        let stream = connect(&[stalled, good], 4 * STAGGER).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
    }

    #[tokio::test]
    async fn an_address_that_refuses_makes_way_for_the_next() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let good = listener.local_addr().unwrap();
        let refusing = {
            let gone = TcpListener::bind("127.0.0.1:0").unwrap();
            gone.local_addr().unwrap()
        };
        assert!(connect(&[refusing, good], 20 * STAGGER).await.is_ok());
        for refused in [&[refusing, refusing][..], &[refusing], &[]] {
            assert!(connect(refused, 20 * STAGGER).await.is_err());
        }
    }
}
