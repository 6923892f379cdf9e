import { writeFileSync } from 'node:fs'
import { rewritten } from './table.ts'

const { page, text } = rewritten()
writeFileSync(page, text)
