/** A database with what a dump may get wrong: every sort of value, large ones, keys, views, sequences, functions, triggers. */
export const ORDERS = `
CREATE SCHEMA sales;
CREATE TYPE sales.state AS ENUM ('open', 'paid', 'shipped');
CREATE TABLE sales.customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  tags text[] NOT NULL DEFAULT '{}',
  profile jsonb,
  born date,
  seen timestamptz
);
CREATE TABLE sales.item (
  id bigserial PRIMARY KEY,
  customer bigint NOT NULL REFERENCES sales.customer ON DELETE CASCADE,
  state sales.state NOT NULL,
  price numeric(20, 8),
  weight double precision,
  note text,
  CHECK (price IS NULL OR price >= 0)
);
CREATE INDEX item_open ON sales.item (customer) WHERE state = 'open';
CREATE VIEW sales.total AS SELECT customer, sum(price) AS price FROM sales.item GROUP BY customer;
CREATE TABLE sales.scan (id int PRIMARY KEY, content bytea NOT NULL);
CREATE FUNCTION sales.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := coalesce(NEW.note, 'touched'); RETURN NEW; END $$;
INSERT INTO sales.customer (name, tags, profile, born, seen)
  SELECT 'Zoë "' || n || E'"\\ttab\\nline \\\\ 你好', ARRAY['a' || n, NULL, 'x,y{}'], jsonb_build_object('n', n, 'deep', jsonb_build_array(n, NULL, 'ü')),
         date '1970-01-01' + n, timestamptz '2024-02-29 23:59:59.123456+00' + n * interval '1 hour'
  FROM generate_series(1, 500) AS n;
INSERT INTO sales.item (customer, state, price, weight, note)
  SELECT 1 + n % 500, (ARRAY['open', 'paid', 'shipped']::sales.state[])[1 + n % 3],
         CASE WHEN n % 7 = 0 THEN NULL ELSE n / 3.0 END,
         CASE n % 5 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' ELSE n * 1e-300 END, CASE WHEN n % 2 = 0 THEN '' END
  FROM generate_series(1, 20000) AS n;
CREATE TRIGGER touched BEFORE INSERT ON sales.item FOR EACH ROW EXECUTE FUNCTION sales.touch();
-- 24 MiB that do not compress, so that the dump goes up in several blocks.
INSERT INTO sales.scan SELECT n, (SELECT string_agg(sha512((n || '-' || m)::text::bytea), '') FROM generate_series(1, 16384) AS m) FROM generate_series(1, 24) AS n;
SELECT setval('sales.item_id_seq', 77777);
`;

/** Every relation that holds rows, and the order in which they are read. */
export const ROWS = {
  customer: 'SELECT * FROM sales.customer ORDER BY id',
  item: 'SELECT * FROM sales.item ORDER BY id',
  scan: "SELECT id, length(content), encode(sha256(content), 'hex') FROM sales.scan ORDER BY id",
  total: 'SELECT * FROM sales.total ORDER BY customer',
  sequences:
    'SELECT last_value, is_called FROM sales.item_id_seq UNION ALL SELECT last_value, is_called FROM sales.customer_id_seq',
};
