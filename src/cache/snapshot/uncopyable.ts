/** Thrown inside this folder on a value that cannot be kept apart from its original. */
export class Uncopyable extends Error {}
