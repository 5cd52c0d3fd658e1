// The files of a zip, by name, as text: enough to compare two folders.
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

export function contents(file) {
  const b = readFileSync(file)
  let end = b.length - 22
  while (b.readUInt32LE(end) !== 0x06054b50) end--
  const out = {}
  for (let i = 0, at = b.readUInt32LE(end + 16); i < b.readUInt16LE(end + 10); i++) {
    const name = b.toString('utf8', at + 46, at + 46 + b.readUInt16LE(at + 28))
    const head = b.readUInt32LE(at + 42)
    const from = head + 30 + b.readUInt16LE(head + 26) + b.readUInt16LE(head + 28)
    const packed = b.subarray(from, from + b.readUInt32LE(at + 20))
    out[name] = (b.readUInt16LE(at + 10) === 8 ? inflateRawSync(packed) : packed).toString('utf8')
    at += 46 + b.readUInt16LE(at + 28) + b.readUInt16LE(at + 30) + b.readUInt16LE(at + 32)
  }
  return out
}
