package catalogweb_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"tongban/internal/base/db"
)

const proof = `level: 2
levels: {sign: 4, collect: 3}
commitment: {told: [年满65周岁], promised: [没有重复申领], consequence: 撤销优待证}
`

func TestGuideSaysHowSurelyOneMustBeKnown(t *testing.T) {
	p := open(t, "elder-card")
	says(t, p.Get("/items/elder-card", http.StatusOK), "main", "身份核验", "2级 实名：姓名和证件号码与人口库核对一致")
	p.Get("/items/elder-card", http.StatusOK).Lacks("提交时签名", "领取结果", "告知承诺")
	files := pack(t, "elder-card")
	for i, f := range files {
		files[i].Data = bytes.Replace(f.Data, []byte("\nlevel: 2\n"), []byte("\n"+proof), 1)
	}
	if err := p.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return p.catalog.LoadTx(ctx, tx, now, files) }); err != nil {
		t.Fatal(err)
	}
	g := p.Get("/items/elder-card", http.StatusOK)
	says(t, g, "main", "提交时再次验证本人并电子签名（4级 数字证书，或者窗口核验加通行密钥）", "3级 实人：人脸核验，或者本人到窗口核验")
	says(t, g, "#promise", "年满65周岁", "没有重复申领", "撤销优待证")
}
