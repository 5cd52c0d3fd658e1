// Reads every .bpmn file of a folder with bpmn-moddle and fails on a warning or an unresolved reference.
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join, resolve } from 'node:path';

const [where, dir] = process.argv.slice(2);
const pkg = JSON.parse(readFileSync(join(where, 'package.json'), 'utf8'));
const entry = typeof pkg.exports === 'string' ? pkg.exports : (pkg.exports?.['.']?.import ?? pkg.exports?.['.'] ?? pkg.module ?? pkg.main);
const { BpmnModdle, default: Default } = await import(pathToFileURL(resolve(where, typeof entry === 'string' ? entry : entry.default)));
let n = 0;
for (const name of readdirSync(dir).filter((f) => f.endsWith('.bpmn'))) {
  const { rootElement, warnings } = await new (BpmnModdle ?? Default)().fromXML(readFileSync(join(dir, name), 'utf8'));
  if (warnings.length) throw new Error(`${name}: ${warnings.map((w) => w.message).join('; ')}`);
  const process = rootElement.rootElements.find((e) => e.$type === 'bpmn:Process');
  const loose = process.flowElements.filter((e) => e.$type === 'bpmn:SequenceFlow' && !(e.sourceRef?.$type && e.targetRef?.$type));
  if (loose.length || process.flowElements.length < 5) throw new Error(`${name}: ${loose.length} loose edges, ${process.flowElements.length} elements`);
  n++;
}
console.log(`read ${n}`);
