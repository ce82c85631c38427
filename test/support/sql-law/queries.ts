import fc from 'fast-check';

/**
 * A random query as data. Numbers choose among what there is (columns, aggregates) by their remainder, so
 * that every tree is a query, and a smaller tree a smaller one.
 */
export type Relation =
  | { readonly kind: 'table'; readonly table: number }
  | {
      readonly kind: 'select';
      readonly input: Relation;
      readonly items: readonly Item[];
      readonly where: Condition | null;
      readonly distinct: boolean;
    }
  | {
      readonly kind: 'join';
      readonly type: 'JOIN' | 'LEFT JOIN' | 'RIGHT JOIN' | 'FULL JOIN';
      readonly left: Relation;
      readonly right: Relation;
      readonly on: readonly [number, number];
      readonly rest: Condition | null;
    }
  | {
      readonly kind: 'group';
      readonly input: Relation;
      readonly keys: readonly number[];
      readonly aggregates: readonly Aggregate[];
      readonly having: number | null;
    }
  | {
      readonly kind: 'set';
      readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT';
      readonly all: boolean;
      readonly left: Relation;
      readonly right: Relation;
    }
  | {
      readonly kind: 'top';
      readonly input: Relation;
      readonly partition: number | null;
      readonly descending: boolean;
      readonly first: number;
      readonly from: number;
      readonly count: number;
      readonly withRank: boolean;
    }
  | {
      readonly kind: 'in';
      readonly input: Relation;
      readonly among: Relation;
      readonly column: number;
      readonly negated: boolean;
      readonly exists: boolean;
    }
  | {
      readonly kind: 'scalar';
      readonly input: Relation;
      readonly of: Relation;
      readonly aggregate: number;
      readonly correlated: boolean;
      readonly column: number;
    };

export interface Item {
  readonly column: number;
  readonly how: number;
}
export interface Condition {
  readonly column: number;
  readonly how: number;
  readonly constant: number;
}
export interface Aggregate {
  readonly name: number;
  readonly column: number;
  readonly distinct: boolean;
  readonly filter: Condition | null;
}

const choice = fc.nat(11);
const condition: fc.Arbitrary<Condition> = fc.record({
  column: choice,
  how: choice,
  constant: fc.integer({ min: -2, max: 4 }),
});
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

/** Queries over `tables` tables, a few levels deep. */
export function relations(tables: number): fc.Arbitrary<Relation> {
  const { relation } = fc.letrec<{ relation: Relation }>(tie => {
    const input = tie('relation');
    const constant = <T extends string>(value: T) => fc.constant(value);
    const table = fc.record({ kind: constant('table'), table: fc.nat(tables - 1) });
    const select = fc.record({
      kind: constant('select'),
      input,
      items: fc.array(fc.record({ column: choice, how: choice }), { minLength: 1, maxLength: 4 }),
      where: maybe(condition),
      distinct: fc.boolean(),
    });
    const join = fc.record({
      kind: constant('join'),
      type: fc.constantFrom('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'),
      left: input,
      right: input,
      on: fc.tuple(choice, choice),
      rest: maybe(condition),
    });
    const aggregate = fc.record({
      name: choice,
      column: choice,
      distinct: fc.boolean(),
      filter: maybe(condition),
    });
    const group = fc.record({
      kind: constant('group'),
      input,
      keys: fc.array(choice, { maxLength: 2 }),
      aggregates: fc.array(aggregate, { minLength: 1, maxLength: 4 }),
      having: maybe(fc.nat(3)),
    });
    const set = fc.record({
      kind: constant('set'),
      operator: fc.constantFrom('UNION', 'INTERSECT', 'EXCEPT'),
      all: fc.boolean(),
      left: input,
      right: input,
    });
    const top = fc.record({
      kind: constant('top'),
      input,
      partition: maybe(choice),
      descending: fc.boolean(),
      first: choice,
      from: fc.nat(2),
      count: fc.integer({ min: 1, max: 3 }),
      withRank: fc.boolean(),
    });
    const among = fc.record({
      kind: constant('in'),
      input,
      among: input,
      column: choice,
      negated: fc.boolean(),
      exists: fc.boolean(),
    });
    const scalar = fc.record({
      kind: constant('scalar'),
      input,
      of: input,
      aggregate: choice,
      correlated: fc.boolean(),
      column: choice,
    });
    return {
      relation: fc.oneof(
        { maxDepth: 3, depthSize: 'medium' },
        table,
        select,
        join,
        group,
        set,
        top,
        among,
        scalar,
      ) as fc.Arbitrary<Relation>,
    };
  });
  return relation;
}
