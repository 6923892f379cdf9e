import { expect, test } from 'vitest'
import { uploadName } from './upload-name.ts'

test.each([
  ['/dev/fd/63', 'piped.jsonl'],
  ['/proc/self/fd/11', 'piped.jsonl'],
  ['/dev/stdin', 'piped.jsonl'],
  ['rows/63', '63'],
  ['/data/mails.jsonl', 'mails.jsonl'],
])('what is read of %s is called %s', (path, name) => expect(uploadName(path)).toBe(name))
