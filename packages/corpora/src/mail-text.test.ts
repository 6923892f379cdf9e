import { expect, test } from 'vitest'
import { htmlText } from './html-text.ts'
import { readableText } from './mail-text.ts'

test('quoted-printable and a folded, encoded subject', () => {
  const raw =
    'From a@b Thu Aug 22\nSubject: =?iso-8859-1?Q?caf=E9_?=\n  =?utf-8?B?4oKs?= today\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nna=EFve and lo=\nng\n'
  expect(readableText(raw)).toEqual({ subject: 'café € today', body: 'naïve and long' })
})

test('multipart/alternative gives its plain part, mixed leaves attachments out', () => {
  const raw =
    'Content-Type: multipart/mixed; boundary="xx"\n\nignored\n--xx\nContent-Type: multipart/alternative; boundary=yy\n\n--yy\nContent-Type: text/html\n\n<p>rich</p>\n--yy\nContent-Type: text/plain\n\nplain\n--yy--\n--xx\nContent-Type: image/gif\nContent-Transfer-Encoding: base64\n\nR0lGODlh\n--xx--\n'
  expect(readableText(raw).body).toBe('plain')
})

test('base64 bodies are decoded', () => {
  expect(readableText(`Content-Transfer-Encoding: base64\n\n${Buffer.from('hello there').toString('base64')}\n`).body).toBe('hello there')
})

test('HTML keeps what a reader sees', () => {
  expect(htmlText('<head><title>t</title></head><style>p{}</style><p>A&nbsp;<b>bo</b>ld &#8364;1 &amp; more</p>x<!-- no -->').trim()).toBe(
    'A bold €1 & more\nx',
  )
})
