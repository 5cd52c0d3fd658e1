// Brings a picture of flat colours to few of them, which makes it a quarter as large. It reads and writes what Chromium writes: PNG with 8 bits a channel.
import { deflateSync, inflateSync } from 'node:zlib'
import { crc } from './lib.mjs'

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])

// chunks are the parts of a PNG by name; several of a name are one.
function chunks(png) {
  const out = {}
  for (let at = 8; at < png.length;) {
    const n = png.readUInt32BE(at), name = png.toString('latin1', at + 4, at + 8)
    out[name] = Buffer.concat([out[name] ?? Buffer.alloc(0), png.subarray(at + 8, at + 8 + n)])
    at += n + 12
  }
  return out
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]), out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc(body), body.length + 4)
  return out
}

// pixels undoes the filters of the lines (PNG 9) and gives each pixel as 0xRRGGBB.
function pixels(png) {
  const c = chunks(png), width = c.IHDR.readUInt32BE(0), height = c.IHDR.readUInt32BE(4), step = { 2: 3, 6: 4 }[c.IHDR[9]]
  if (c.IHDR[8] !== 8 || !step || c.IHDR[12]) return null // not one a browser makes
  const raw = inflateSync(c.IDAT), line = width * step, out = new Uint32Array(width * height)
  let above = new Uint8Array(line)
  for (let y = 0; y < height; y++) {
    const kind = raw[y * (line + 1)], now = Uint8Array.from(raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1)))
    for (let x = 0; x < line; x++) {
      const a = x < step ? 0 : now[x - step], b = above[x], d = x < step ? 0 : above[x - step], p = a + b - d
      const [pa, pb, pd] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - d)]
      now[x] += [0, a, b, (a + b) >> 1, pa <= pb && pa <= pd ? a : pb <= pd ? b : d][kind]
    }
    for (let x = 0; x < width; x++) out[y * width + x] = now[x * step] << 16 | now[x * step + 1] << 8 | now[x * step + 2]
    above = now
  }
  return { width, height, out }
}

const apart = (a, b) => ((a >> 16) - (b >> 16)) ** 2 + ((a >> 8 & 255) - (b >> 8 & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2

const large = 8 // colours of large areas, which are kept even where they are nearly the same

// palette takes the most frequent colours that are not nearly the same as one taken before, and fills up with ever nearer ones.
function palette(all, most) {
  const often = new Map()
  for (const p of all) often.set(p, (often.get(p) ?? 0) + 1)
  const sorted = [...often].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(x => x[0]), taken = []
  for (let gap = 300; gap >= 0 && taken.length < most; gap -= 100) {
    for (const p of sorted) {
      if (taken.length === most) break
      if (taken.length < large ? !taken.includes(p) : taken.every(t => apart(t, p) > gap)) taken.push(p)
    }
  }
  return taken
}

// fewColours gives the picture with at most so many colours, or the picture itself where that does not make it smaller.
export function fewColours(png, most = 96) {
  const picture = pixels(png)
  if (!picture) return png
  const { width, height, out } = picture, taken = palette(out, most), nearest = new Map(), lines = Buffer.alloc((width + 1) * height)
  for (let i = 0; i < out.length; i++) {
    let n = nearest.get(out[i])
    if (n === undefined) {
      n = 0
      for (let k = 1; k < taken.length; k++) if (apart(taken[k], out[i]) < apart(taken[n], out[i])) n = k
      nearest.set(out[i], n)
    }
    lines[(i / width | 0) * (width + 1) + 1 + i % width] = n
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8) // 8 bits, a palette
  const small = Buffer.concat([signature, chunk('IHDR', head), chunk('PLTE', Buffer.from(taken.flatMap(t => [t >> 16, t >> 8 & 255, t & 255]))), chunk('IDAT', deflateSync(lines, { level: 9 })), chunk('IEND', Buffer.alloc(0))])
  return small.length < png.length ? small : png
}
