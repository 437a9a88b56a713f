import { postColumns, type PostCounts, type Question } from '../../contenders/posts.ts'

/** How many different values are asked for in turn. */
export const workingSet = { full: 500, quick: 50 } as const

export const rowsPerCategory = 50

/** The table: fifty posts in each category, and as many categories as there are values. */
export function countsOf(quick: boolean): PostCounts {
  return { categories: quick ? workingSet.quick : workingSet.full, perCategory: rowsPerCategory }
}

/** One row by its key, and fifty rows of one category. */
export function questionsOf({ categories, perCategory }: PostCounts): readonly Question[] {
  return [
    {
      name: 'row',
      title: '1 row of 2 columns, by key',
      columns: ['id', 'title'],
      by: 'id',
      rows: 1,
      values: Array.from({ length: categories }, (_, place) => 1 + place * perCategory),
    },
    {
      name: 'list',
      title: `${perCategory} rows of 8 columns, by category`,
      columns: postColumns,
      by: 'category',
      rows: perCategory,
      values: Array.from({ length: categories }, (_, place) => place),
    },
  ]
}
