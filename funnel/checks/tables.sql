create table checks.threshold (name varchar, value double, unit varchar, meaning varchar);

create table checks.result (
    build_id varchar, suite varchar, layer varchar, check_name varchar, title varchar, severity varchar, state varchar,
    n_rows bigint, n_failing bigint, owner varchar, message varchar, number bigint
);

create table checks.failing_row (check_name varchar, row_key varchar, detail varchar, number bigint);

create temp table found (check_name varchar, row_key varchar, detail varchar);
