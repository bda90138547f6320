//! Serves a built site on this machine only: GET and HEAD of files or of a range of their bytes, with their types and
//! "not modified".
//!
//! It is for a demonstration and for the tests, and small enough to be sure of: it reads no request
//! bodies, neither compresses nor encrypts, and any static host can take its place.

use std::{
    fs::{self, File, Metadata},
    io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

use anyhow::{Context, Result, anyhow, ensure};

/// How many ports after the wanted one are tried.
const PORTS_TO_TRY: u16 = 20;

/// The longest request that is read.
const MAX_REQUEST_BYTES: usize = 16 * 1024;

/// How long a silent visitor keeps a connection.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a request may take to come, however it drips.
const REQUEST_PATIENCE: Duration = Duration::from_secs(20);

/// Conversations at once: browsers hold a handful each.
const MOST_VISITORS: usize = 256;

/// Serves the folder until the program is stopped, and prints the address first.
pub(crate) fn serve(folder: &Path, base: &str, port: u16) -> Result<()> {
    let missing = || format!("{} holds no site: build one with `cargo xtask site`", folder.display());
    let root = folder.canonicalize().with_context(missing)?;
    ensure!(root.join("index.html").is_file(), missing());
    let site = Arc::new(Site::new(root, base));
    let listener = listen(port)?;
    let port = listener.local_addr()?.port();
    println!("Hedgerow is at http://127.0.0.1:{port}{}", site.base);
    println!("(stop it with Ctrl-C)");
    welcome(&site, &listener);
    Ok(())
}

/// Takes visitors in, each with a thread of its own, as long as there are not too many.
fn welcome(site: &Arc<Site>, listener: &TcpListener) {
    let visitors = Arc::new(AtomicUsize::new(0));
    for visitor in listener.incoming() {
        // A visitor who is gone before the first word, or who leaves in the middle, is no news.
        let Ok(mut visitor) = visitor else { continue };
        if visitors.fetch_add(1, Ordering::Relaxed) >= MOST_VISITORS {
            visitors.fetch_sub(1, Ordering::Relaxed);
            drop(Reply::text("503 Service Unavailable", "Too many visitors at once.\n").send(
                &mut visitor,
                true,
                false,
            ));
            continue;
        }
        let (site, visitors) = (Arc::clone(site), Arc::clone(&visitors));
        thread::spawn(move || {
            drop(converse(&site, &visitor));
            visitors.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// Takes the port, or the next free one after it.
fn listen(wanted: u16) -> Result<TcpListener> {
    for port in wanted..=wanted.saturating_add(PORTS_TO_TRY) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                println!("port {port} is busy, trying the next one");
            }
            Err(error) => return Err(error).with_context(|| format!("cannot use port {port}")),
        }
    }
    Err(anyhow!("no free port from {wanted} on: name another with --port"))
}

/// Answers one request after the other until the visitor leaves.
fn converse(site: &Site, mut visitor: &TcpStream) -> io::Result<()> {
    visitor.set_nodelay(true)?;
    visitor.set_read_timeout(Some(PATIENCE))?;
    visitor.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(visitor);
    loop {
        let Some(head) = read_head(&mut reader)? else {
            let reply = Reply::text("431 Request Header Fields Too Large", "This request is too long.\n");
            return reply.send(&mut visitor, true, false);
        };
        if head.is_empty() {
            return Ok(());
        }
        let Some(request) = Request::read(&head) else {
            return Reply::text("400 Bad Request", "This is no request.\n").send(&mut visitor, true, false);
        };
        let reply = reply(site, &request);
        reply.send(&mut visitor, request.wants_body(), request.keep_open)?;
        if !request.keep_open {
            return Ok(());
        }
    }
}

/// The lines up to the empty one; an empty text when the visitor has left, nothing when they are too many.
fn read_head(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut began = None;
    loop {
        if reader.fill_buf()?.is_empty() {
            return Ok(Some(String::new()));
        }
        // Between two requests a visitor may be silent for longer than in the middle of one.
        if began.get_or_insert_with(Instant::now).elapsed() > REQUEST_PATIENCE {
            return Err(ErrorKind::TimedOut.into());
        }
        let part = reader.fill_buf()?;
        let line = part.iter().position(|byte| *byte == b'\n').map_or(part.len(), |end| end + 1);
        head.extend_from_slice(&part[..line]);
        reader.consume(line);
        if head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n") {
            return Ok(Some(String::from_utf8_lossy(&head).into_owned()));
        }
        if head.len() > MAX_REQUEST_BYTES {
            return Ok(None);
        }
    }
}

/// What matters of a request.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    method: String,
    url: String,
    known_tag: Option<String>,
    range: Option<String>,
    keep_open: bool,
}

impl Request {
    fn read(head: &str) -> Option<Self> {
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, url, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !version.starts_with("HTTP/1.") {
            return None;
        }
        let mut request = Self {
            method: method.to_owned(),
            url: url.to_owned(),
            known_tag: None,
            range: None,
            keep_open: version == "HTTP/1.1",
        };
        for line in lines.take_while(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':')?;
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "range" => request.range = Some(value.to_owned()),
                "if-none-match" => request.known_tag = Some(value.to_owned()),
                "connection" if value.eq_ignore_ascii_case("close") => request.keep_open = false,
                // Its body stays unread, so nothing after it could be understood.
                "content-length" | "transfer-encoding" => request.keep_open = false,
                _ => {}
            }
        }
        Some(request)
    }

    fn wants_body(&self) -> bool {
        self.method != "HEAD"
    }
}

fn reply(site: &Site, request: &Request) -> Reply {
    match site.find(&request.method, &request.url) {
        Found::File(path) => file_reply(&path, request),
        Found::Moved(location) => Reply::empty("301 Moved Permanently").with("Location", location),
        Found::Nothing => Reply::text("404 Not Found", "There is nothing here.\n"),
        Found::NotAllowed => {
            Reply::text("405 Method Not Allowed", "Only GET and HEAD are answered.\n").with("Allow", "GET, HEAD".into())
        }
    }
}

fn file_reply(path: &Path, request: &Request) -> Reply {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    let Ok((metadata, mut file)) = opened else {
        return Reply::text("404 Not Found", "This file cannot be read.\n");
    };
    let (tag, length) = (entity_tag(&metadata), metadata.len());
    let range = request.range.as_deref().map_or(Range::Whole, |range| Range::read(range, length));
    let reply = match range {
        _ if request.known_tag.as_deref() == Some(tag.as_str()) => Reply::empty("304 Not Modified"),
        Range::Whole => Reply { body: Box::new(file), length, ..Reply::empty("200 OK") },
        Range::Outside => Reply::empty("416 Range Not Satisfiable").with("Content-Range", format!("bytes */{length}")),
        Range::Part { first, last } => match file.seek(SeekFrom::Start(first)) {
            Ok(_) => Reply { body: Box::new(file), length: last + 1 - first, ..Reply::empty("206 Partial Content") }
                .with("Content-Range", format!("bytes {first}-{last}/{length}")),
            Err(_) => return Reply::text("404 Not Found", "This file cannot be read.\n"),
        },
    };
    reply
        .with("Accept-Ranges", "bytes".into())
        .with("Content-Type", content_type(path).into())
        .with("Cache-Control", "no-cache".into())
        .with("ETag", tag)
        .with("X-Content-Type-Options", "nosniff".into())
}

/// Which bytes of a file are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    /// All, or several ranges at once, which nobody has to answer (RFC 9110, section 14.2).
    Whole,
    /// From the first to the last, both included.
    Part { first: u64, last: u64 },
    /// None that the file has.
    Outside,
}

impl Range {
    fn read(value: &str, length: u64) -> Self {
        let Some((first, last)) = value.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
            return Self::Whole;
        };
        let number = |text: &str| (!text.is_empty()).then(|| text.parse::<u64>());
        let (first, last) = match (number(first), number(last)) {
            (Some(Ok(first)), None) => (first, u64::MAX),
            (Some(Ok(first)), Some(Ok(last))) if first <= last => (first, last),
            (None, Some(Ok(0))) => return Self::Outside,
            (None, Some(Ok(count))) => (length.saturating_sub(count), u64::MAX),
            _ => return Self::Whole,
        };
        match first < length {
            true => Self::Part { first, last: last.min(length - 1) },
            false => Self::Outside,
        }
    }
}

/// A status, headers, and a body of known length, so that the page can show how much has arrived.
struct Reply {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Box<dyn Read>,
    length: u64,
}

impl Reply {
    fn empty(status: &'static str) -> Self {
        Self { status, headers: Vec::new(), body: Box::new(io::empty()), length: 0 }
    }

    fn text(status: &'static str, text: &'static str) -> Self {
        let reply = Self { body: Box::new(text.as_bytes()), length: text.len() as u64, ..Self::empty(status) };
        reply.with("Content-Type", "text/plain; charset=utf-8".into())
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn send(self, visitor: &mut impl Write, with_body: bool, keep_open: bool) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {}\r\nContent-Length: {}\r\n", self.status, self.length);
        for (name, value) in self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let connection = if keep_open { "keep-alive" } else { "close" };
        head.push_str(&format!("Connection: {connection}\r\n\r\n"));
        visitor.write_all(head.as_bytes())?;
        if with_body {
            io::copy(&mut self.body.take(self.length), visitor)?;
        }
        visitor.flush()
    }
}

/// A site's folder and the path it is served under, which begins and ends with a slash.
struct Site {
    root: PathBuf,
    base: String,
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    File(PathBuf),
    Moved(String),
    Nothing,
    NotAllowed,
}

impl Site {
    fn new(root: PathBuf, base: &str) -> Self {
        let base = match base.trim_matches('/') {
            "" => "/".to_owned(),
            inner => format!("/{inner}/"),
        };
        Self { root, base }
    }

    fn find(&self, method: &str, url: &str) -> Found {
        if !["GET", "HEAD"].contains(&method) {
            return Found::NotAllowed;
        }
        let path = url.split(['?', '#']).next().unwrap_or_default();
        if format!("{path}/") == self.base {
            return Found::Moved(self.base.clone());
        }
        let Some(inner) = path.strip_prefix(&self.base) else {
            return Found::Nothing;
        };
        match self.resolve(inner) {
            Some(folder) if folder.is_dir() && !inner.is_empty() && !inner.ends_with('/') => {
                Found::Moved(format!("{path}/"))
            }
            Some(folder) if folder.is_dir() => match folder.join("index.html") {
                index if index.is_file() => Found::File(index),
                _ => Found::Nothing,
            },
            Some(file) => Found::File(file),
            None => Found::Nothing,
        }
    }

    /// The file or folder of a path, never one outside the root: not by dots, and not by a link.
    fn resolve(&self, path: &str) -> Option<PathBuf> {
        let mut found = self.root.clone();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let name = percent_decode(part)?;
            if name == "." || name == ".." || name.contains(['/', '\\', ':', '\0']) {
                return None;
            }
            found.push(name);
        }
        let found = fs::canonicalize(found).ok()?;
        found.starts_with(&self.root).then_some(found)
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    match extension.as_ref() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn entity_tag(metadata: &Metadata) -> String {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("\"{:x}-{:x}\"", changed.as_nanos(), metadata.len())
}

#[cfg(test)]
mod tests {
    use std::{
        env, fs,
        io::{Read, Write},
        net::{SocketAddr, TcpStream},
        path::PathBuf,
        process,
        sync::Arc,
        thread,
    };

    use super::{Found, Range, Request, Site, listen, read_head, welcome};

    /// A site with a folder in it, and a file beside it that nobody may read.
    fn site(name: &str) -> Site {
        let folder = env::temp_dir().join(format!("hedgerow-serve-{name}-{}", process::id()));
        let root = folder.join("site");
        fs::create_dir_all(root.join("engine")).expect("the temporary folder is writable");
        fs::write(root.join("index.html"), "page").expect("writable");
        fs::write(root.join("engine/a b.js"), "script").expect("writable");
        fs::write(folder.join("secret.txt"), "secret").expect("writable");
        Site::new(root.canonicalize().expect("it is there"), "some/school")
    }

    fn get(site: &Site, url: &str) -> Found {
        site.find("GET", url)
    }

    fn file(site: &Site, path: &str) -> Found {
        Found::File(site.root.join(PathBuf::from(path)))
    }

    #[test]
    fn files_are_found_under_the_base_and_nowhere_else() {
        let site = site("found");
        assert_eq!(get(&site, "/some/school/"), file(&site, "index.html"));
        assert_eq!(get(&site, "/some/school/?a=b"), file(&site, "index.html"));
        assert_eq!(get(&site, "/some/school/engine/a%20b.js"), file(&site, "engine/a b.js"));
        assert_eq!(get(&site, "/some/school"), Found::Moved("/some/school/".into()));
        assert_eq!(get(&site, "/some/school/engine"), Found::Moved("/some/school/engine/".into()));
        for url in ["/", "/index.html", "/some/school/engine/", "/some/school/x"] {
            assert_eq!(get(&site, url), Found::Nothing, "{url}");
        }
        let posted = site.find("POST", "/some/school/");
        assert_eq!(posted, Found::NotAllowed);
    }

    #[test]
    fn nothing_outside_the_root_is_found() {
        let site = site("outside");
        for path in [
            "../secret.txt",
            "%2e%2e/secret.txt",
            "%2e%2e%2fsecret.txt",
            "..%5csecret.txt",
            "engine/../../secret.txt",
            "engine/./../../secret.txt",
            "/etc/passwd",
            "%2fetc%2fpasswd",
            "C:/secret.txt",
            "index.html%00.png",
            "%ff",
            "%2",
            "%zz",
        ] {
            let url = format!("/some/school/{path}");
            assert_eq!(get(&site, &url), Found::Nothing, "{url}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_outside() {
        let site = site("link");
        let link = site.root.join("link.txt");
        if !link.exists() {
            std::os::unix::fs::symlink("../secret.txt", &link).expect("links are allowed here");
        }
        assert_eq!(get(&site, "/some/school/link.txt"), Found::Nothing);
    }

    #[test]
    fn a_request_with_a_body_ends_the_conversation() {
        let plain = "GET /a HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"1\"\r\n\r\n";
        let request = Request::read(plain).expect("this is a request");
        assert!(request.keep_open);
        assert_eq!(request.known_tag.as_deref(), Some("\"1\""));
        for head in [
            "POST /a HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n",
            "GET /a HTTP/1.1\r\nConnection: Close\r\n\r\n",
            "GET /a HTTP/1.0\r\n\r\n",
        ] {
            assert!(!Request::read(head).expect("these are requests").keep_open, "{head}");
        }
        for head in ["\r\n\r\n", "GARBAGE\r\n\r\n", "GET / HTTP/9\r\n\r\n", "GET / HTTP/1.1\r\nx\r\n\r\n"] {
            assert_eq!(Request::read(head), None, "{head}");
        }
    }
    #[test]
    fn a_range_is_read_as_it_is_meant_or_not_at_all() {
        let part = |first, last| Range::Part { first, last };
        for (value, expected) in [
            ("bytes=0-3", part(0, 3)),
            ("bytes=4-", part(4, 9)),
            ("bytes=4-99", part(4, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-99", part(0, 9)),
            ("bytes=10-", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=5-4", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("bytes=a-b", Range::Whole),
            ("bytes=", Range::Whole),
            ("lines=0-1", Range::Whole),
            ("bytes=18446744073709551616-", Range::Whole),
        ] {
            assert_eq!(Range::read(value, 10), expected, "{value}");
        }
        assert_eq!(Range::read("bytes=0-", 0), Range::Outside);
    }

    /// What a visitor hears who says this.
    fn said(address: SocketAddr, request: &[u8]) -> String {
        let mut visitor = TcpStream::connect(address).unwrap();
        // The server may have heard enough before the end.
        drop(visitor.write_all(request));
        let mut heard = Vec::new();
        drop(visitor.read_to_end(&mut heard));
        String::from_utf8_lossy(&heard).into_owned()
    }

    #[test]
    fn visitors_of_all_kinds_are_answered_and_the_next_one_too() {
        let site = Arc::new(site("visitors"));
        let listener = listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        assert!(address.ip().is_loopback());
        thread::spawn(move || welcome(&site, &listener));
        // One who says nothing, and one who stops in the middle of a word: neither keeps the others out.
        let _silent = TcpStream::connect(address).unwrap();
        let mut slow = TcpStream::connect(address).unwrap();
        slow.write_all(b"GET /some/sch").unwrap();
        let huge = [&b"GET / HTTP/1.1\r\nX: "[..], &vec![b'a'; 1 << 20]].concat();
        let endless = [&b"GET /"[..], &vec![b'a'; 1 << 20]].concat();
        for (request, expected) in [
            (&b"GET /some/school/ HTTP/1.0\r\n\r\n"[..], ("HTTP/1.1 200 OK", "page")),
            (b"HEAD /some/school/ HTTP/1.0\r\n\r\n", ("Content-Length: 4", "\r\n\r\n")),
            (b"GET /some/school/ HTTP/1.0\r\nRange: bytes=1-2\r\n\r\n", ("Content-Range: bytes 1-2/4", "ag")),
            (b"GET /some/school/ HTTP/1.0\r\nRange: bytes=9-\r\n\r\n", ("HTTP/1.1 416", "\r\n\r\n")),
            (b"POST /some/school/ HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", ("HTTP/1.1 405", "")),
            (b"\0\xff\r\n\r\n", ("HTTP/1.1 400", "")),
            (&huge, ("", "")),
            (&endless, ("", "")),
            (b"GET /some/school/ HTTP/1.0\r\n\r\n", ("HTTP/1.1 200 OK", "page")),
        ] {
            let heard = said(address, request);
            let (part, end) = expected;
            assert!(heard.contains(part) && heard.ends_with(end), "{heard}");
        }
        assert_eq!(read_head(&mut &huge[..]).unwrap(), None);
        assert_eq!(read_head(&mut &endless[..]).unwrap(), None);
        assert_eq!(read_head(&mut &b"GET / HT"[..]).unwrap().as_deref(), Some(""), "one who left");
    }
}
