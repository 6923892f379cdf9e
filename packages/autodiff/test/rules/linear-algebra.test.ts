import { testOps } from '@weft/test/cases/op'
import { linearAlgebraCases } from '@weft/test/cases/ops/linear-algebra'

testOps('linear-algebra', linearAlgebraCases)
