import type { PutRoute } from '@weft/protocol'
import { Command, InvalidArgumentError } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { above, real, whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'
import { readPolicy } from './read-policy.ts'

type Variant = NonNullable<PutRoute['variants']>[number]

interface Options extends Connection {
  description?: string
  temperature?: number
  maxTokens?: number
  variant?: Variant[]
  stickyHeader?: string
  twin?: string
  shadow?: string
  shadowShare?: number
  policy?: string
}

/** `canary:1=base + style/whale` */
const variant = (text: string, before: Variant[] | undefined): Variant[] => {
  const [, name, weight, composition] = /^([\w.-]+):([\d.]+)=(.+)$/s.exec(text) ?? []
  if (!name || !composition || Number.isNaN(Number(weight)))
    throw new InvalidArgumentError('expected NAME:WEIGHT=EXPRESSION, such as "canary:1=base + style/whale".')
  return [...(before ?? []), { name, weight: Number(weight), composition }]
}

/** What was said on the command line, as a route. */
async function routeOf(composition: string | undefined, options: Options): Promise<PutRoute> {
  const { description, temperature, maxTokens, variant: variants, stickyHeader, twin, shadow, shadowShare, policy } = options
  const defaults = { ...(temperature === undefined ? {} : { temperature }), ...(maxTokens === undefined ? {} : { maxTokens }) }
  return {
    ...(composition === undefined ? {} : { composition }),
    ...(variants ? { variants } : {}),
    ...(description === undefined ? {} : { description }),
    ...(stickyHeader === undefined ? {} : { stickyHeader }),
    ...(twin === undefined ? {} : { twin }),
    ...(shadow === undefined ? {} : { shadow: { composition: shadow, ...(shadowShare === undefined ? {} : { share: shadowShare }) } }),
    ...(policy === undefined ? {} : { policy: await readPolicy(policy) }),
    ...(Object.keys(defaults).length > 0 ? { defaults } : {}),
  }
}

export const putRoute = (): Command =>
  connected(new Command('put'))
    .argument('<name>')
    .argument('[expression]', 'what the name stands for; --variant says it otherwise')
    .description('make a route, or the next version of one')
    .option('--description <text>', 'what it is for')
    .option('--temperature <t>', 'unless a request says otherwise', real(0, 2))
    .option('--max-tokens <n>', 'unless a request says otherwise', whole(1))
    .option('--variant <name:weight=expression>', 'a share of the requests; several times', variant)
    .option('--sticky-header <name>', 'the header by which requests keep to a variant')
    .option('--twin <text>', 'a text that answers where no runner can run the composition')
    .option('--shadow <expression>', 'what gets copies of requests and answers nobody')
    .option('--shadow-share <share>', 'of all requests, those that are copied', above(0, 1))
    .option('--policy <file>', 'a JSON file of what its requests may ask')
    .action(async (name: string, composition: string | undefined, options: Options, command: Command) => {
      if (options.shadow === undefined) refuseUnread(command, ['shadowShare'], { without: '--shadow' })
      const route = await clientOf(options).routes.put(name, await routeOf(composition, options))
      outputOf(options).result(route, () => `${route.name} is at version ${route.version} and stands for ${spelled(route)}`)
    })

const spelled = ({ composition, variants }: { composition: string; variants?: readonly Variant[] | undefined }): string =>
  variants ? variants.map(({ name, weight, composition: of }) => `${name} (${weight}): ${of}`).join(', ') : composition
