#!/usr/bin/env node
// Plain JavaScript, which npm links before there is anything else.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`create-weft: this is Node ${process.versions.node}, and what is made runs on 22.18 or newer. Nothing was made; use a newer Node.`)
  process.exit(2)
}
const { main } = await import('../src/main.ts')
await main(process.argv.slice(2))
