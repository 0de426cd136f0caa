//! Names of users, close at hand: in a memcached that all instances share, or in this process.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// Why the cache did not answer.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The connection broke, or never came about.
    #[error("the cache cannot be reached: {0}")]
    Unreachable(#[from] io::Error),
    /// It answered what the protocol does not allow here.
    #[error("the cache refused: {0}")]
    Refused(String),
}

/// The cache; a clone is another handle to the same one.
#[derive(Debug, Clone)]
pub struct Cache(Store);

#[derive(Debug, Clone)]
enum Store {
    Memory(moka::future::Cache<u64, String>),
    Server(Arc<Mutex<BufStream<TcpStream>>>),
}

impl Cache {
    /// Connects to the memcached at `address`, and asks for its version; `memory` needs no server.
    pub async fn connect(address: &str) -> Result<Self, CacheError> {
        if address == "memory" {
            return Ok(Cache::in_memory());
        }
        let mut stream = BufStream::new(TcpStream::connect(address).await?);
        version(&mut stream).await?;
        Ok(Cache(Store::Server(Arc::new(Mutex::new(stream)))))
    }

    /// In this process; it knows the two users whom every developer's database has.
    pub fn in_memory() -> Self {
        Cache(Store::Memory(moka::future::Cache::new(10_000)))
    }

    /// The user's name, if it is known here.
    pub async fn name(&self, id: u64) -> Result<Option<String>, CacheError> {
        match &self.0 {
            Store::Memory(names) => Ok(names.optionally_get_with(id, async { developers_own(id) }).await),
            Store::Server(stream) => get(&mut *stream.lock().await, id).await,
        }
    }

    /// Keeps the user's name.
    pub async fn remember(&self, id: u64, name: &str) -> Result<(), CacheError> {
        match &self.0 {
            Store::Memory(names) => names.insert(id, name.to_owned()).await,
            Store::Server(stream) => set(&mut *stream.lock().await, id, name).await?,
        }
        Ok(())
    }

    /// Whether it still answers.
    pub async fn ping(&self) -> Result<(), CacheError> {
        match &self.0 {
            Store::Memory(names) => names.run_pending_tasks().await,
            Store::Server(stream) => version(&mut *stream.lock().await).await?,
        }
        Ok(())
    }
}

fn developers_own(id: u64) -> Option<String> {
    let name = match id {
        1 => "Ada",
        2 => "Grace",
        _ => return None,
    };
    Some(name.to_owned())
}

async fn version(stream: &mut BufStream<TcpStream>) -> Result<(), CacheError> {
    say(stream, b"version\r\n").await?;
    let answer = line(stream).await?;
    if answer.starts_with("VERSION ") { Ok(()) } else { Err(CacheError::Refused(answer)) }
}

async fn get(stream: &mut BufStream<TcpStream>, id: u64) -> Result<Option<String>, CacheError> {
    say(stream, format!("get user:{id}\r\n").as_bytes()).await?;
    let answer = line(stream).await?;
    if answer == "END" {
        return Ok(None);
    }
    let length = answer.strip_prefix("VALUE ").and_then(|rest| rest.rsplit(' ').next()).map(str::parse::<usize>);
    let Some(Ok(length)) = length else { return Err(CacheError::Refused(answer)) };
    let mut value = vec![0; length + "\r\nEND\r\n".len()];
    stream.read_exact(&mut value).await?;
    value.truncate(length);
    String::from_utf8(value).map(Some).map_err(|error| CacheError::Refused(error.to_string()))
}

async fn set(stream: &mut BufStream<TcpStream>, id: u64, name: &str) -> Result<(), CacheError> {
    say(stream, format!("set user:{id} 0 60 {}\r\n{name}\r\n", name.len()).as_bytes()).await?;
    let answer = line(stream).await?;
    if answer == "STORED" { Ok(()) } else { Err(CacheError::Refused(answer)) }
}

async fn say(stream: &mut BufStream<TcpStream>, what: &[u8]) -> Result<(), CacheError> {
    stream.write_all(what).await?;
    Ok(stream.flush().await?)
}

async fn line(stream: &mut BufStream<TcpStream>) -> Result<String, CacheError> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(line.trim_end().to_owned())
}
