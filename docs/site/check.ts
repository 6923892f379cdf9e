import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** Links and pictures of a built site that lead nowhere, and anchors that no element has. */
export function brokenLinks(dist: string): string[] {
  const idsOf = new Map<string, Set<string>>()
  const read = (file: string): string => readFileSync(join(dist, file), 'utf8')
  const ids = (file: string): Set<string> => {
    const known = idsOf.get(file) ?? new Set([...read(file).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!))
    idsOf.set(file, known)
    return known
  }
  return globSync('**/*.html', { cwd: dist }).flatMap((file) =>
    [...read(file).matchAll(/<(?:a|img|script|link)\s[^>]*?(?:href|src)="([^"]*)"/g)].flatMap(([, written]) => {
      const target = written!.replaceAll('&amp;', '&')
      if (/^(https?:|mailto:|data:)/.test(target)) return []
      const [path = '', hash = ''] = target.split('#')
      const named = path === '' ? file : decodeURIComponent(path.startsWith('/') ? path.slice(1) : posix.join(dirname(file), path))
      const to = [named, posix.join(named, 'index.html')].find((each) => /\.\w+$/.test(each) && existsSync(join(dist, each)))
      if (to === undefined) return [`${file}: ${target}`]
      return hash === '' || !to.endsWith('.html') || ids(to).has(decodeURIComponent(hash)) ? [] : [`${file}: ${target}`]
    }),
  )
}

/** What pages of the site would ask of other servers when they open. */
export const askedElsewhere = (dist: string): string[] =>
  globSync('**/*.html', { cwd: dist }).flatMap((file) =>
    [...readFileSync(join(dist, file), 'utf8').matchAll(/<(?:img|script|link|iframe)\s[^>]*?(?:href|src)="((?:https?:)?\/\/[^"]*)"/g)].map(
      ([, target]) => `${file}: ${target}`,
    ),
  )
