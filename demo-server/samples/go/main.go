// Upload tokens and verified callbacks for Qiniu Kodo, in Go 1.19 (variables: ../README.md):
// 七牛 Kodo 的上传凭证和经过验签的回调，Go 1.19（环境变量见 ../README.zh-CN.md）：
// HOST=127.0.0.1 PORT=8080 QINIU_ACCESS_KEY=… QINIU_SECRET_KEY=… QINIU_BUCKET=… QINIU_DOMAIN=… PUBLIC_URL=… go run main.go
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

type object = map[string]any
type upload struct {
	Key, Hash, Type string
	Size            json.Number
}

const lifetime, maxFileSize, maxBody = 3600, 1 << 30, 64 << 10 // seconds, bytes, bytes / 秒、字节、字节

func sign(data string) string {
	mac := hmac.New(sha1.New, []byte(os.Getenv("QINIU_SECRET_KEY")))
	mac.Write([]byte(data))
	return os.Getenv("QINIU_ACCESS_KEY") + ":" + base64.URLEncoding.EncodeToString(mac.Sum(nil))
}

func issue(size int64, callback *url.URL) object {
	name := make([]byte, 16)
	rand.Read(name)
	policy := object{"scope": os.Getenv("QINIU_BUCKET"), "deadline": time.Now().Unix() + lifetime, "insertOnly": 1,
		// The server names the object; the client cannot. / 由服务器命名，客户端不能指定。
		"saveKey": "uploads/$(year)$(mon)$(day)/" + base64.RawURLEncoding.EncodeToString(name), "forceSaveKey": true,
		"fsizeLimit": size, "detectMime": 1, // type detected from content / 按内容判断类型
		"mimeLimit": "image/jpeg;image/png;image/gif;image/webp;video/mp4;application/pdf"}
	if callback.Host == "" { // no callback URL: Kodo responds to the browser / 没有回调地址：由 Kodo 直接响应浏览器
		policy["returnBody"] = `{"key":$(key),"hash":$(etag),"size":$(fsize),"type":$(mimeType)}`
	} else { // form-encoded: QBox does not sign a JSON body / 用表单编码：QBox 不对 JSON 请求体签名
		policy["callbackUrl"], policy["callbackBodyType"] = callback.String(), "application/x-www-form-urlencoded"
		policy["callbackBody"] = "key=$(key)&hash=$(etag)&size=$(fsize)&type=$(mimeType)"
	}
	text, _ := json.Marshal(policy)
	data, hosts := base64.URLEncoding.EncodeToString(text), strings.Fields(os.Getenv("QINIU_ENDPOINT")) // empty: the browser queries Qiniu / 为空时由浏览器查询
	return object{"token": sign(data) + ":" + data, "hosts": hosts, "domain": os.Getenv("QINIU_DOMAIN"), "expiresIn": lifetime}
}

// Verifies both schemes, always over the raw body; an unsigned body is rejected. / 验证两种签名，总是包含原始请求体；未签名的请求体一律拒绝。
func isSigned(r *http.Request, body string, host string) bool {
	target, given := r.URL.RequestURI()+"\n", []byte(r.Header.Get("Authorization"))
	qiniu := "POST " + target + "Host: " + host + "\nContent-Type: " + r.Header.Get("Content-Type") + "\n\n" + body
	return hmac.Equal(given, []byte("QBox "+sign(target+body))) || hmac.Equal(given, []byte("Qiniu "+sign(qiniu)))
}

func answer(r *http.Request, callback *url.URL) (int, object) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	form, _ := url.ParseQuery(string(body))
	file := upload{form.Get("key"), form.Get("hash"), form.Get("type"), json.Number(form.Get("size"))}
	isJSON := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	isRead := err == nil && (!isJSON || json.Unmarshal(body, &file) == nil)
	size, _ := file.Size.Int64()
	switch path := r.Method + " " + r.URL.Path; {
	case err != nil || path == "POST /api/uploads/token" && (size < 1 || size > maxFileSize):
		return 413, object{"error": "empty or too large / 空或太大"}
	case path == "POST /api/uploads/token" && isJSON: // check the login here / 在此检查登录
		return 200, issue(size, callback)
	case path != "POST /api/uploads/callback" || callback.Host == "":
		return 404, object{"error": "not found / 不存在"}
	case !isSigned(r, string(body), callback.Host):
		return 401, object{"error": "bad signature / 签名不符"}
	case !isRead || file.Key == "" || file.Hash == "":
		return 400, object{"error": "key or hash is missing / 缺少 key 或 hash"}
	} // Save it here, once per key: Kodo may repeat the callback. / 在此入库，同一 key 只记录一次：Kodo 可能重复回调。
	link := &url.URL{Path: "/" + file.Key}
	return 200, object{"key": file.Key, "hash": file.Hash, "size": size, "url": os.Getenv("QINIU_DOMAIN") + link.EscapedPath()}
}

func main() {
	for _, name := range strings.Fields("QINIU_ACCESS_KEY QINIU_SECRET_KEY QINIU_BUCKET QINIU_DOMAIN HOST PORT") {
		if os.Getenv(name) == "" {
			log.Fatal("Missing / 缺少: ", name)
		}
	}
	callback, _ := url.Parse(os.Getenv("PUBLIC_URL") + "/api/uploads/callback")
	server := &http.Server{Addr: os.Getenv("HOST") + ":" + os.Getenv("PORT"), ReadTimeout: 15 * time.Second}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, reply := answer(r, callback)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(reply)
	})
	log.Fatal(server.ListenAndServe())
}
