// A small XLSX made here: cells are words, numbers, { f: formula, v: what it gave } or null; merged names ranges such as A2:A3.
import { deflateRawSync, crc32 } from 'node:zlib'

const name = i => String.fromCharCode(65 + i)
const safe = s => String(s).replace(/[<>&"]/g, c => `&#${c.charCodeAt(0)};`)

function cell(v, at) {
  if (v === null || v === undefined) return ''
  if (typeof v === 'number') return `<c r="${at}"><v>${v}</v></c>`
  if (v.f) return `<c r="${at}" t="str"><f>${safe(v.f)}</f><v>${safe(v.v)}</v></c>`
  return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${safe(v)}</t></is></c>`
}

export function xlsx(rows, merged = []) {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main', rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const pack = 'http://schemas.openxmlformats.org/package/2006'
  const body = rows.map((r, i) => `<row r="${i + 1}">${r.map((v, j) => cell(v, name(j) + (i + 1))).join('')}</row>`).join('')
  const merges = merged.length ? `<mergeCells count="${merged.length}">${merged.map(m => `<mergeCell ref="${m}"/>`).join('')}</mergeCells>` : ''
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  return zip({
    '[Content_Types].xml': `<Types xmlns="${pack}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${pack}/relationships"><Relationship Id="r1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${rel}"><sheets><sheet name="清单" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${pack}/relationships"><Relationship Id="r1" Type="${rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><sheetData>${body}</sheetData>${merges}</worksheet>`,
  })
}

function zip(files) {
  const parts = [], index = []
  let at = 0
  for (const [path, text] of Object.entries(files)) {
    const plain = Buffer.from(text), packed = deflateRawSync(plain), key = Buffer.from(path)
    const about = Buffer.alloc(26)
    about.writeUInt16LE(20, 0); about.writeUInt16LE(0x800, 2); about.writeUInt16LE(8, 4); about.writeUInt32LE(0x00210000, 6)
    about.writeUInt32LE(crc32(plain), 10); about.writeUInt32LE(packed.length, 14); about.writeUInt32LE(plain.length, 18); about.writeUInt16LE(key.length, 22)
    const entry = Buffer.concat([Buffer.from('PK\x03\x04'), about, key, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    index.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), about, rest, key]))
    parts.push(entry)
    at += entry.length
  }
  const end = Buffer.alloc(22), all = Buffer.concat(index)
  end.write('PK\x05\x06', 'latin1'); end.writeUInt16LE(index.length, 8); end.writeUInt16LE(index.length, 10); end.writeUInt32LE(all.length, 12); end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, all, end])
}
