"""Upload tokens and verified callbacks for Qiniu Kodo, in Python 3, standard library only (variables: ../README.md):
七牛 Kodo 的上传凭证和经过验签的回调，Python 3，只用标准库（环境变量见 ../README.zh-CN.md）：
QINIU_ACCESS_KEY=… QINIU_SECRET_KEY=… QINIU_BUCKET=… QINIU_DOMAIN=… PUBLIC_URL=… python3 server.py
"""
import base64, hashlib, hmac, json, os, re, secrets, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

REQUIRED = ["QINIU_ACCESS_KEY", "QINIU_SECRET_KEY", "QINIU_BUCKET", "QINIU_DOMAIN"]
if missing := [name for name in REQUIRED if not os.environ.get(name)]:
    sys.exit("Missing / 缺少: " + ", ".join(missing))
ACCESS_KEY, SECRET_KEY, BUCKET, DOMAIN = (os.environ[name] for name in REQUIRED)
PUBLIC_URL = os.environ.get("PUBLIC_URL", "").rstrip("/")
CALLBACK = urlsplit(PUBLIC_URL + "/api/uploads/callback") if PUBLIC_URL else None
LIFETIME, MAX_FILE_SIZE, MAX_BODY = 3600, 1 << 30, 64 * 1024  # seconds, bytes, bytes / 秒、字节、字节
TYPES = "image/jpeg;image/png;image/gif;image/webp;video/mp4;application/pdf"
FIELDS = {"key": "key", "hash": "etag", "size": "fsize", "type": "mimeType"}


def sign(data: bytes) -> str:
    digest = hmac.new(SECRET_KEY.encode(), data, hashlib.sha1).digest()
    return f"{ACCESS_KEY}:{base64.urlsafe_b64encode(digest).decode()}"


def issue(size: int) -> dict:
    policy = {
        "scope": BUCKET, "deadline": int(time.time()) + LIFETIME, "insertOnly": 1,
        # The server names the object; the client cannot. / 由服务器命名，客户端不能指定。
        "saveKey": "uploads/$(year)$(mon)$(day)/" + secrets.token_hex(16), "forceSaveKey": True,
        "fsizeLimit": max(1, size), "mimeLimit": TYPES, "detectMime": 1,  # type detected from content / 按内容判断类型
    }
    if CALLBACK:  # form-encoded: QBox does not sign a JSON body. / 用表单编码：QBox 不对 JSON 请求体签名。
        policy["callbackUrl"] = CALLBACK.geturl()
        policy["callbackBody"] = "&".join(f"{name}=$({variable})" for name, variable in FIELDS.items())
        policy["callbackBodyType"] = "application/x-www-form-urlencoded"
    else:
        policy["returnBody"] = "{" + ",".join(f'"{name}":$({variable})' for name, variable in FIELDS.items()) + "}"
    data = base64.urlsafe_b64encode(json.dumps(policy).encode()).decode()
    hosts = [host for host in [os.environ.get("QINIU_ENDPOINT")] if host]  # empty: the browser queries Qiniu / 为空时由浏览器查询
    return {"hosts": hosts, "token": f"{sign(data.encode())}:{data}", "domain": DOMAIN, "expiresIn": LIFETIME}


class Handler(BaseHTTPRequestHandler):
    timeout = 15  # seconds without data from the client / 客户端没有发送数据的秒数

    def is_signed(self, body: bytes) -> bool:
        """Verifies both schemes, always over the raw body; an unsigned body is rejected. / 验证两种签名，总是包含原始请求体；未签名的请求体一律拒绝。"""
        given = self.headers.get("Authorization", "").encode("latin-1")
        head = f"POST {self.path}\nHost: {CALLBACK.netloc}\nContent-Type: {self.headers.get('Content-Type', '')}\n\n"
        qbox = "QBox " + sign(f"{self.path}\n".encode("latin-1") + body)
        qiniu = "Qiniu " + sign(head.encode("latin-1") + body)  # compared in constant time / 恒定时间比较
        return hmac.compare_digest(given, qbox.encode()) or hmac.compare_digest(given, qiniu.encode())

    def answer(self, status: int, value: dict) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, text in [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Content-Length", len(data))]:
            self.send_header(name, str(text))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        length, kind = self.headers.get("Content-Length", ""), self.headers.get("Content-Type", "")
        if not re.fullmatch(r"[0-9]{1,9}", length) or int(length) > MAX_BODY:
            return self.answer(413 if length else 411, {"error": "body too large, or no length / 请求体太大或没有长度"})
        body = self.rfile.read(int(length))
        path, is_json = self.path.partition("?")[0], kind.startswith("application/json")
        try:
            fields = json.loads(body) if is_json else dict(parse_qsl(body.decode(), keep_blank_values=True))
        except ValueError:
            fields = {}
        if path == "/api/uploads/token" and is_json and isinstance(fields, dict):  # check the login here / 在此检查登录
            size = fields.get("size")
            is_good = type(size) is int and 0 <= size <= MAX_FILE_SIZE
            return self.answer(200, issue(size)) if is_good else self.answer(413, {"error": "size / 文件大小"})
        if path != "/api/uploads/callback" or not CALLBACK:
            return self.answer(404, {"error": "not found / 不存在"})
        if not self.is_signed(body):
            return self.answer(401, {"error": "bad signature / 签名不符"})
        if not isinstance(fields, dict) or not all(isinstance(fields.get(name), str) for name in ("key", "hash")):
            return self.answer(400, {"error": "key or hash is missing / 缺少 key 或 hash"})
        # Save the upload here, once per key: Kodo may repeat the callback. / 在此入库，同一 key 只记录一次：Kodo 可能重复回调。
        answer = {name: fields.get(name) for name in FIELDS}
        self.answer(200, {**answer, "size": int(str(answer["size"] or 0)), "url": f"{DOMAIN}/{quote(fields['key'])}"})


ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", 8080))), Handler).serve_forever()
