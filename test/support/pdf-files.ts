import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createDeflate, deflateSync } from 'node:zlib';

const FONT = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
const CATALOG = '<< /Type /Catalog /Pages 2 0 R >>';
const ONE_PAGE = '<< /Type /Pages /Kids [3 0 R] /Count 1 >>';
const PAGE =
  '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>';
const MIB = 1_048_576;

/** A PDF of one page with these lines, the first one as its heading. */
export function pdfOf(heading: string, ...lines: readonly string[]): Buffer {
  const body = lines.map((line, index) => `${index === 0 ? '' : '0 -14 Td '}(${line}) Tj`).join(' ');
  const content = `BT /F1 24 Tf 72 700 Td (${heading}) Tj ET BT /F1 12 Tf 72 670 Td ${body} ET`;
  return pdfFile([CATALOG, ONE_PAGE, PAGE, deflated(Buffer.from(content)), FONT]);
}

/** A PDF with a page that holds no text. */
export function emptyPdf(): Buffer {
  return pdfFile([CATALOG, ONE_PAGE, PAGE, deflated(Buffer.from('0 0 10 10 re f')), FONT]);
}

/** A page whose content inflates to `mib` MiB, deflated twice: some kilobytes. */
export async function deflateBomb(mib: number): Promise<Buffer> {
  const blanks = Buffer.alloc(MIB, ' ');
  const once = await buffer(Readable.from(Array(mib).fill(blanks)).pipe(createDeflate({ level: 1 })));
  return pdfFile([CATALOG, ONE_PAGE, PAGE, deflated(once, '[/FlateDecode /FlateDecode]'), FONT]);
}

/** Text operators without end: little memory, and seconds of work. */
export function slowPdf(operators: number): Buffer {
  const content = `BT /F1 12 Tf ${'(aaaaaaaaaaaaaaaaaaaaaaaa) Tj 0 -14 Td '.repeat(operators)} ET`;
  return pdfFile([CATALOG, ONE_PAGE, PAGE, deflated(Buffer.from(content)), FONT]);
}

/** The same page so many times. */
export function manyPages(pages: number): Buffer {
  const kids = `<< /Type /Pages /Kids [${'3 0 R '.repeat(pages)}] /Count ${pages} >>`;
  const content = Buffer.from('BT /F1 12 Tf 72 700 Td (again) Tj ET');
  return pdfFile([CATALOG, kids, PAGE, deflated(content), FONT]);
}

function deflated(content: Buffer, filter = '/FlateDecode'): Buffer {
  const bytes = deflateSync(content, { level: 9 });
  return Buffer.concat([
    Buffer.from(`<< /Length ${bytes.length} /Filter ${filter} >>\nstream\n`),
    bytes,
    Buffer.from('\nendstream'),
  ]);
}

/** Objects, numbered from 1, as a file; the first one is the catalog. */
function pdfFile(objects: readonly (string | Buffer)[]): Buffer {
  const parts = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let at = parts[0]!.length;
  for (const [index, body] of objects.entries()) {
    offsets.push(at);
    const part = Buffer.concat([
      Buffer.from(`${index + 1} 0 obj\n`),
      Buffer.from(body),
      Buffer.from('\nendobj\n'),
    ]);
    parts.push(part);
    at += part.length;
  }
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const end = `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(end)]);
}
