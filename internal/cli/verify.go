package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tongban/internal/base/db"
	"tongban/internal/base/i18n"
	"tongban/internal/domain/factor"
	"tongban/internal/domain/licence"
	"tongban/internal/domain/paper"
	"tongban/internal/engine/seal"
)

type verifyCmd struct {
	File   string   `arg:"" help:"要验证的 PDF、签署凭证（JSON）或归档包（ZIP 或其文件夹）。The PDF, the evidence of a signature (JSON) or the archive package (ZIP, or its folder) to verify."`
	JSON   bool     `help:"输出 JSON。Print JSON." name:"json"`
	Trust  []string `help:"信任的根证书（PEM），可多次给出。Trusted CA certificate (PEM); may be repeated." placeholder:"CA.pem" type:"path" xor:"trust"`
	Data   string   `help:"用数据目录里的根证书，并查证照库状态。Trust the data folder's CA and ask its register." type:"path" xor:"trust"`
	Holder []string `help:"签署凭证里个人证书的签发机构（PEM）。Authorities of the certificates people signed with (PEM)." placeholder:"CA.pem" type:"path"`
	DB     string   `help:"与 --data 同用：数据库地址。With --data: the database." name:"db"`
}

const cannotRead = exit(2)

// Run judges a file. It trusts nothing that is not named. Exit status: 0 valid, 1 not, 2 cannot be read.
func (c *verifyCmd) Run(e *env) error {
	if isArchive(c.File) {
		return c.archive(e)
	}
	file, err := readFile(c.File)
	if err != nil {
		return c.unreadable(e, err)
	}
	trust, d, err := c.sources(e.ctx)
	if err != nil {
		return c.unreadable(e, err)
	}
	if d != nil {
		defer d.Close()
	}
	if bytes.HasPrefix(file, []byte(evidenceMark)) {
		return c.evidence(e, file, trust)
	}
	r, err := licence.VerifyFile(e.ctx, file, trust, time.Now(), d)
	if err != nil {
		return c.unreadable(e, err)
	}
	if err := c.print(e, r); err != nil {
		return err
	}
	if licence.ExitCode(r) != 0 {
		return exit(licence.ExitCode(r))
	}
	return nil
}

// evidenceMark begins the evidence of an electronic signature (package factor).
const evidenceMark = `{"format":"tongban-evidence-`

// evidence judges the proof of what somebody signed. Who sealed for the platform and who certified the person are two questions with a list each.
func (c *verifyCmd) evidence(e *env, file []byte, seals [][]byte) error {
	t := factor.Trust{Seals: seals}
	for _, p := range c.Holder {
		pem, err := os.ReadFile(p)
		if err != nil {
			return c.unreadable(e, err)
		}
		t.Holders = append(t.Holders, pem)
	}
	r := factor.VerifyEvidence(file, t)
	if err := c.printEvidence(e, r); err != nil {
		return err
	}
	if !r.OK {
		return exit(1)
	}
	return nil
}

func (c *verifyCmd) printEvidence(e *env, r factor.Report) error {
	if c.JSON {
		return json.NewEncoder(e.out).Encode(r)
	}
	title := "签署有效 valid signature"
	if !r.OK {
		title = "签署无效 not a valid signature"
	}
	var b strings.Builder
	fmt.Fprintln(&b, title)
	for _, k := range r.Checks {
		mark := "✓"
		if !k.OK {
			mark = "✗"
		}
		fmt.Fprintf(&b, "  %s %s: %s\n", mark, k.Name, k.Detail)
	}
	if r.OK {
		fmt.Fprintf(&b, "\n%s\n%s\n", r.Signed.Format(time.RFC3339), r.Envelope.Text)
	}
	_, err := io.WriteString(e.out, b.String())
	return err
}

func (c *verifyCmd) unreadable(e *env, err error) error {
	_, _ = fmt.Fprintf(e.err, "tongban verify: 读不出来，无法验证 (cannot be read): %v\n", err)
	return cannotRead
}

// readFile bounds what it reads: a licence is a few hundred kilobytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, licence.MaxVerify+1))
	if err == nil && len(b) > licence.MaxVerify {
		err = fmt.Errorf("%s: 文件超过 %d MB (larger than %d MB)", path, licence.MaxVerify>>20, licence.MaxVerify>>20)
	}
	return b, err
}

// sources gives the trusted certificates and, with --data, the register.
func (c *verifyCmd) sources(ctx context.Context) (trust [][]byte, d *db.DB, err error) {
	for _, p := range c.Trust {
		b, err := os.ReadFile(p)
		if err != nil {
			return nil, nil, err
		}
		trust = append(trust, b)
	}
	if c.Data == "" {
		return trust, nil, nil
	}
	ca, err := paper.TrustFrom(filepath.Join(c.Data, "keys", "seals"))
	if err != nil {
		return nil, nil, err
	}
	trust = append(trust, ca)
	url := c.DB
	if url == "" {
		file := filepath.Join(c.Data, dbName)
		if _, err := os.Stat(file); err != nil {
			return nil, nil, errors.Join(errors.New("no register in the data folder"), err)
		}
		url = "sqlite:" + file
	}
	d, err = db.Open(ctx, url, db.Options{MaxConns: 1})
	return trust, d, err
}

func (c *verifyCmd) print(e *env, r seal.Report) error {
	if c.JSON {
		b, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(e.out, string(b))
		return err
	}
	var b strings.Builder
	title := i18n.In(i18n.Chinese, "seal.status."+r.Status)
	if r.Test {
		title += "（测试 test）"
	}
	fmt.Fprintf(&b, "%s  %s\n", title, i18n.In(i18n.English, "seal.status."+r.Status))
	for _, k := range r.Checks {
		mark := "✓"
		if !k.OK {
			mark = "✗"
		}
		fmt.Fprintf(&b, "  %s %s: %s\n", mark, k.Name, k.Detail)
	}
	_, err := io.WriteString(e.out, b.String())
	return err
}
