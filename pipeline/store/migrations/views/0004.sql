CREATE VIEW latest_scores AS
SELECT run.week, run.attempt, score.evidence, score.variant, score.theta, score.sigma, score.quality,
       score.usd_per_task, score.grade, score.unscored, score.unpriced
FROM score JOIN run ON run.id = score.run_id
WHERE run.id = (
    SELECT held.id FROM run AS held WHERE EXISTS (SELECT 1 FROM score AS one WHERE one.run_id = held.id)
    ORDER BY held.as_of DESC, held.id DESC LIMIT 1
);

CREATE VIEW latest_prices AS
SELECT run.week, run.attempt, price.source, price.key, price.note, price.name,
       price.input_microusd_per_mtok / 1000000.0 AS input_usd_per_mtok,
       price.output_microusd_per_mtok / 1000000.0 AS output_usd_per_mtok,
       price.cache_read_microusd_per_mtok / 1000000.0 AS cache_read_usd_per_mtok, price.observed_on
FROM price JOIN run ON run.id = price.run_id
WHERE run.id = (
    SELECT held.id FROM run AS held WHERE EXISTS (SELECT 1 FROM price AS one WHERE one.run_id = held.id)
    ORDER BY held.as_of DESC, held.id DESC LIMIT 1
);

CREATE VIEW pool_history AS
SELECT pool.version, pool.week, pool.as_of, pool.expires_on, pool_member.tier, pool_member.rank,
       pool_member.variant, decision.reviewer, decision.note, decision.decided_at
FROM pool JOIN pool_member ON pool_member.version = pool.version
LEFT JOIN decision ON decision.pool_sha256 = pool.sha256 AND decision.verdict = 'approved';

CREATE VIEW changes AS
SELECT pool.version, pool.week, now.tier, now.variant, 'entered' AS change,
       CAST(NULL AS INTEGER) AS rank_before, now.rank AS rank_after
FROM pool_member AS now JOIN pool ON pool.version = now.version
LEFT JOIN pool_member AS past
    ON past.version = now.version - 1 AND past.tier = now.tier AND past.variant = now.variant
WHERE past.variant IS NULL
UNION ALL
SELECT pool.version, pool.week, past.tier, past.variant, 'left', past.rank, NULL
FROM pool_member AS past JOIN pool ON pool.version = past.version + 1
LEFT JOIN pool_member AS now
    ON now.version = pool.version AND now.tier = past.tier AND now.variant = past.variant
WHERE now.variant IS NULL
UNION ALL
SELECT pool.version, pool.week, now.tier, now.variant, 'moved', past.rank, now.rank
FROM pool_member AS now JOIN pool ON pool.version = now.version
JOIN pool_member AS past
    ON past.version = now.version - 1 AND past.tier = now.tier AND past.variant = now.variant
WHERE past.rank <> now.rank
