#!/usr/bin/env node
// Plain JavaScript, which npm links before there is anything else.
import { main } from '../src/main.ts'

await main(process.argv.slice(2))
