package face

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
)

const style = `body{font:16px/1.75 sans-serif;color:#1b2430;background:#f5f7fa;margin:0}main{max-width:480px;margin:0 auto;padding:24px;background:#fff}` +
	`h1{font-size:24px}.note{border:2px solid #8a5100;background:#fff6e6;color:#1b2430;padding:12px}button{font:inherit;min-height:48px;min-width:100%;margin:8px 0;` +
	`border:1px solid #0f4fa3;border-radius:6px;background:#fff;color:#0f4fa3}button.go{background:#0f4fa3;color:#fff}`

var styleHash = func() string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

var pages = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>人脸核验（演示）</title><style>{{.Style}}</style></head>
<body><main><h1>人脸核验</h1>
<p class="note"><strong>这是演示。</strong>没有打开摄像头，也不会采集或者比对您的面部信息。请选择一个结果，继续演示。</p>
{{if .Name}}<p>核验对象：{{.Name}}</p>
<form method="post"><button class="go" name="how" value="pass">核验通过</button><button name="how" value="fail">核验不通过</button><button name="how" value="abandon">不做了，返回</button></form>
<p lang="en">This is a demonstration: no camera is used. Choose an outcome: pass, fail, or go back.</p>
{{else}}<p>这次核验已经结束或者超过了十分钟。请回到原来的页面重新开始。</p><p lang="en">This check has ended. Please go back and begin again.</p>{{end}}
</main></body></html>
`))

type pageView struct {
	Style template.CSS
	Name  string // masked; empty when the check has ended
}

// page is what the person sees. The CSP allows its one style, and the way back, which the browser counts as part of the form.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, status, _ := s.find(r.PathValue("id"))
	if c == nil || c.closed {
		s.ended(w, max(status, http.StatusGone))
		return
	}
	show(w, http.StatusOK, originOf(c.back), pageView{style, c.name})
}

func (s *Server) ended(w http.ResponseWriter, status int) {
	show(w, status, "", pageView{Style: style})
}

func show(w http.ResponseWriter, status int, back string, v pageView) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+styleHash+"; form-action 'self' "+back+"; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_ = pages.Execute(w, v) // a browser that went away cannot be told
}
