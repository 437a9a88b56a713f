/** The SQL dialects that Millrace understands. MySQL and MariaDB are one dialect. */
export type Dialect = 'sqlite' | 'postgres' | 'mysql'
