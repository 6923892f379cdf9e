import { expect, test } from 'vitest'
import { isTest, sources } from './sources.ts'

/** What turns zod's issues into words that say what was expected. */
const inWords = /(describeIssues|inWords|issuesText)\(\s*$/

test("zod's issues are told in words: their own messages may say no more than that something is invalid", () => {
  const wrong = sources
    .filter(({ file }) => !isTest(file))
    .flatMap(({ file, text }) =>
      [...text.matchAll(/\w+(?:\.error)?!?\??\.issues\b/g)]
        .filter(({ 0: read, index }) => /error!?\??\.issues/.test(read) && !inWords.test(text.slice(0, index)))
        .map(({ 0: read }) => `${file}: ${read}`),
    )
  expect(wrong).toEqual([])
})
