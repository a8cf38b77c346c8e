<?php
// Upload tokens and verified callbacks for Qiniu Kodo, in plain PHP 8 (variables: ../README.md):
// 七牛 Kodo 的上传凭证和经过验签的回调，PHP 8，不用框架（环境变量见 ../README.zh-CN.md）：
// QINIU_ACCESS_KEY=… QINIU_SECRET_KEY=… QINIU_BUCKET=… QINIU_DOMAIN=… PUBLIC_URL=… php index.php
const LIFETIME = 3600; // seconds / 秒
const MAX_FILE_SIZE = 1 << 30; // bytes / 字节
const TYPES = 'image/jpeg;image/png;image/gif;image/webp;video/mp4;application/pdf';
const MAX_BODY = 65536;
const FIELDS = ['key' => 'key', 'etag' => 'hash', 'fsize' => 'size', 'mimeType' => 'type'];

function env(string $name, string $default = ''): string
{
    $value = getenv($name);
    return $value === false || $value === '' ? $default : $value;
}

$missing = array_filter(['QINIU_ACCESS_KEY', 'QINIU_SECRET_KEY', 'QINIU_BUCKET', 'QINIU_DOMAIN'], fn ($n) => env($n) === '');
if (PHP_SAPI === 'cli') { // run from the command line: check, then listen / 从命令行启动：先检查，再监听
    if ($missing) { fwrite(STDERR, 'Missing / 缺少: ' . implode(', ', $missing) . "\n"); exit(1); }
    $args = ['-d', 'display_errors=0', '-S', env('HOST', '127.0.0.1') . ':' . env('PORT', '8080'), __FILE__];
    if (function_exists('pcntl_exec')) pcntl_exec(PHP_BINARY, $args);
    passthru(implode(' ', array_map('escapeshellarg', [PHP_BINARY, ...$args])), $code);
    exit($code);
}

function answer(int $status, array $json): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    exit(json_encode($json, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE));
}

function base64url(string $data): string
{
    return strtr(base64_encode($data), '+/', '-_');
}

function sign(string $data): string
{
    return env('QINIU_ACCESS_KEY') . ':' . base64url(hash_hmac('sha1', $data, env('QINIU_SECRET_KEY'), true));
}

function token(array $file, string $callbackUrl): array
{
    $size = $file['size'] ?? null;
    if (!is_int($size) || $size < 0) answer(400, ['error' => 'size is missing / 缺少 size']);
    if ($size > MAX_FILE_SIZE) answer(413, ['error' => 'file too large / 文件太大']);
    $template = implode(',', array_map(fn ($from, $to) => "\"$to\":$($from)", array_keys(FIELDS), FIELDS));
    $policy = [
        'scope' => env('QINIU_BUCKET'), 'deadline' => time() + LIFETIME, 'insertOnly' => 1,
        // The server names the object; the client cannot. / 由服务器命名，客户端不能指定。
        'saveKey' => 'uploads/$(year)$(mon)$(day)/' . bin2hex(random_bytes(16)), 'forceSaveKey' => true,
        'fsizeLimit' => max(1, $size), 'detectMime' => 1, // type detected from content / 按内容判断类型
        'mimeLimit' => TYPES,
    ];
    // QBox does not sign a JSON body, so the callback is form-encoded. / QBox 不对 JSON 请求体签名，所以回调用表单编码。
    $policy += $callbackUrl === '' ? ['returnBody' => "{{$template}}"] : [
        'callbackUrl' => $callbackUrl, 'callbackBodyType' => 'application/x-www-form-urlencoded',
        'callbackBody' => implode('&', array_map(fn ($from, $to) => "$to=$($from)", array_keys(FIELDS), FIELDS)),
    ];
    $data = base64url(json_encode($policy, JSON_UNESCAPED_SLASHES));
    return ['token' => sign($data) . ":$data", 'domain' => env('QINIU_DOMAIN'), 'expiresIn' => LIFETIME,
        'hosts' => array_filter([env('QINIU_ENDPOINT')])]; // empty: the browser queries Qiniu / 为空时由浏览器查询
}

/** Verifies both schemes, always over the raw body; an unsigned body is rejected. / 验证两种签名，总是包含原始请求体；未签名的请求体一律拒绝。 */
function isSigned(string $body, string $type, string $url): bool
{
    $host = parse_url($url, PHP_URL_HOST) . (($port = parse_url($url, PHP_URL_PORT)) ? ":$port" : '');
    $target = $_SERVER['REQUEST_URI'] . "\n";
    $given = $_SERVER['HTTP_AUTHORIZATION'] ?? ''; // compared in constant time / 恒定时间比较
    return hash_equals('QBox ' . sign($target . $body), $given)
        || hash_equals('Qiniu ' . sign("POST {$target}Host: $host\nContent-Type: $type\n\n$body"), $given);
}

if ($missing) answer(500, ['error' => 'Missing / 缺少: ' . implode(', ', $missing)]);
$callbackUrl = env('PUBLIC_URL') === '' ? '' : rtrim(env('PUBLIC_URL'), '/') . '/api/uploads/callback';
$body = file_get_contents('php://input', false, null, 0, MAX_BODY + 1);
if (strlen($body) > MAX_BODY || (int) ($_SERVER['CONTENT_LENGTH'] ?? 0) > MAX_BODY) answer(413, ['error' => 'body too large / 请求体太大']);
$type = $_SERVER['CONTENT_TYPE'] ?? '';
$route = $_SERVER['REQUEST_METHOD'] . ' ' . basename(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '');
if ($route === 'POST token') { // check the login here / 在此检查登录
    if (!str_starts_with($type, 'application/json')) answer(415, ['error' => 'JSON expected / 需要 JSON']); // blocks cross-site forms / 防止跨站表单
    answer(200, token((array) json_decode($body, true), $callbackUrl));
}
if ($route !== 'POST callback') answer(404, ['error' => 'not found / 不存在']);
if ($callbackUrl === '' || !isSigned($body, $type, $callbackUrl)) answer(401, ['error' => 'bad signature / 签名不符']);
if (str_starts_with($type, 'application/json')) $fields = (array) json_decode($body, true); else parse_str($body, $fields);
if (!is_string($fields['key'] ?? null) || !is_string($fields['hash'] ?? null)) answer(400, ['error' => 'key or hash is missing / 缺少 key 或 hash']);
// Save the upload here, once per key: Kodo may repeat the callback. / 在此入库，同一 key 只记录一次：Kodo 可能重复回调。
$url = env('QINIU_DOMAIN') . '/' . implode('/', array_map('rawurlencode', explode('/', $fields['key'])));
answer(200, ['key' => $fields['key'], 'hash' => $fields['hash'], 'size' => (int) ($fields['size'] ?? 0), 'type' => $fields['type'] ?? '', 'url' => $url]);
