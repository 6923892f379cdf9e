// `npm run docs -- --errors`
import { writeFileSync } from 'node:fs'
import { errorPage, errorPageNow } from './error-page.ts'

writeFileSync(errorPage, errorPageNow())
