/**
 * What stands for `zod/v4/core` in the Worker's bundle (`alias` in wrangler.toml). hono-openapi imports that module by a dynamic import, which keeps all
 * of it: the messages of some fifty languages among it, a quarter of the Worker. Whatever the Worker takes from zod's core is named here.
 */
export { config, safeParse, toJSONSchema } from 'zod/mini'
