CREATE DATABASE IF NOT EXISTS `sources`;

CREATE DATABASE IF NOT EXISTS `sinks`;

CREATE TEMPORARY SYSTEM FUNCTION distance_km AS 'io.frauddetector.flink.DistanceKm' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION fill_json AS 'io.frauddetector.flink.FillJson' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION fill_text AS 'io.frauddetector.flink.FillText' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION first_only AS 'io.frauddetector.flink.FirstOnly' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION first_seen AS 'io.frauddetector.flink.FirstSeen' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION has_key AS 'io.frauddetector.flink.HasKey' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION held_back AS 'io.frauddetector.flink.HeldBack' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION how_many AS 'io.frauddetector.flink.HowMany' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION ids_of AS 'io.frauddetector.flink.IdsOf' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION in_network AS 'io.frauddetector.flink.InNetwork' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION in_turn AS 'io.frauddetector.flink.InTurn' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_end AS 'io.frauddetector.flink.LocalEnd' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_hour AS 'io.frauddetector.flink.LocalHour' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_start AS 'io.frauddetector.flink.LocalStart' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_weekday AS 'io.frauddetector.flink.LocalWeekday' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION on_edge AS 'io.frauddetector.flink.OnEdge' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION real_avg AS 'io.frauddetector.flink.RealAvg' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION real_sum AS 'io.frauddetector.flink.RealSum' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION recent_ids AS 'io.frauddetector.flink.RecentIds' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION since AS 'io.frauddetector.flink.Since' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION timed_id AS 'io.frauddetector.flink.TimedId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION wide_avg AS 'io.frauddetector.flink.WideAvg' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION wide_sum AS 'io.frauddetector.flink.WideSum' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION with_previous AS 'io.frauddetector.flink.WithPrevious' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION attempt AS 'io.frauddetector.flink.Attempt' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION nonzero AS 'io.frauddetector.flink.NonZero' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION room AS 'io.frauddetector.flink.Room' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION watch_key AS 'io.frauddetector.flink.WatchKey' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION writable AS 'io.frauddetector.flink.Writable' LANGUAGE JAVA;

CREATE TEMPORARY TABLE `sources`.`payments` (
  `id` STRING,
  `card` STRING,
  `device` STRING,
  `amount` DOUBLE,
  `at` STRING,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'payments',
  'properties.group.id' = 'default.remembering',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;card;amount;at',
  'stream' = 'payments',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'settle' = '1 s',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream payments dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.remembering.payments.dead-letters',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream payments late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.remembering.late',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule level` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.remembering.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule pulse` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.remembering.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule busy` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.remembering.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule turns-high` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.remembering.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule new-device` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.remembering.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule new-pair` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.remembering.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule dormant` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.remembering.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

-- stream payments -> stream payments dead-letters

INSERT INTO `sinks`.`stream payments dead-letters` SELECT `_raw`, MAP['stream', CAST('payments' AS BYTES), 'topic', CAST('payments' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`payments` WHERE `_error` IS NOT NULL;

-- stream payments -> stream payments late

INSERT INTO `sinks`.`stream payments late` SELECT `_raw`, MAP['stream', CAST('payments' AS BYTES), 'topic', CAST('payments' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`payments` WHERE `_error` IS NULL AND `_late`;

-- rule level -> rule level

CREATE DATABASE IF NOT EXISTS `rule level`;

USE `rule level`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `device`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -476758343 AND NOT `_late`;

INSERT INTO `sinks`.`rule level` SELECT CONCAT('device/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"remembering","rule":"level","rule_version":"81b20fe2","severity":"Medium","mode":"Enforce","entity":{"type":"device","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"id":?,"card":?,"device":?,"amount":?,"at":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/remembering/level', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `id`, `card`, `device`, `amount`, `at`) FROM (SELECT *, fill_text('# on #', `amount`, `device`) AS `_reason` FROM (SELECT * FROM TABLE(first_only((SELECT *, CAST(`device` AS STRING) AS `_entity`, `_id` AS `_identity`, CHAR_LENGTH(`_id`) AS `_identity_length` FROM (SELECT * FROM (SELECT * FROM TABLE(on_edge((SELECT *, (`amount` > 1000) AS `_meets`, (`amount` < 10) AS `_resets` FROM (SELECT `id`, `card`, `device`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `payments` WHERE has_key('rule level', 'key device', CAST(`event_id` AS STRING), `device`))) PARTITION BY (`device`) ORDER BY (`_time`, `_length` DESC, `_id` DESC), CAST(2592000000 AS BIGINT), DEFAULT, 'rule_level_on_edge'))) WHERE has_key('rule level', 'key device', `_id`, `device`))) PARTITION BY (`_entity`) ORDER BY (`_time`, `_identity_length`, `_identity`), CAST(5400000 AS BIGINT), DEFAULT, 'rule_level_first_only'))));

-- rule pulse -> rule pulse

CREATE DATABASE IF NOT EXISTS `rule pulse`;

USE `rule pulse`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `device`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -2304183365 AND NOT `_late`;

INSERT INTO `sinks`.`rule pulse` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"remembering","rule":"pulse","rule_version":"a81389b7","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"id":?,"card":?,"device":?,"amount":?,"at":?,"n":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/remembering/pulse', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `id`, `card`, `device`, `amount`, `at`, `n`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# times', `n`) AS `_reason` FROM (SELECT * FROM TABLE(on_edge((SELECT *, (`n` >= (3)) AS `_meets`, NOT (`n` >= (3)) AS `_resets` FROM (SELECT `id`, `card`, `device`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length`, COUNT(*) OVER w AS `n`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payments` WINDOW w AS (PARTITION BY `card` ORDER BY `event_time` RANGE BETWEEN INTERVAL '10' MINUTE(2) PRECEDING AND CURRENT ROW))) PARTITION BY (`card`) ORDER BY (`_time`, `_length` DESC, `_id` DESC), CAST(86400000 AS BIGINT), DEFAULT, 'rule_pulse_on_edge'))));

-- rule busy -> rule busy

CREATE DATABASE IF NOT EXISTS `rule busy`;

USE `rule busy`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `device`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -922789134 AND NOT `_late`;

INSERT INTO `sinks`.`rule busy` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"remembering","rule":"busy","rule_version":"0a6fd6b0","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"card":?,"n":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/remembering/busy', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `card`, `n`, `_start`, `_end`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('# times until #', `n`, `_end`) AS `_reason` FROM (SELECT * FROM TABLE(on_edge((SELECT *, (`n` >= (3)) AS `_meets`, NOT (`n` >= (3)) AS `_resets` FROM (SELECT `card`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, COUNT(*) AS `n`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(TUMBLE((SELECT * FROM `payments`), DESCRIPTOR(`event_time`), INTERVAL '10' MINUTE(2))) GROUP BY `card`, `window_start`, `window_end`, `window_time`)) PARTITION BY (`card`) ORDER BY (`_time`, `_start` DESC), CAST(86400000 AS BIGINT), DEFAULT, 'rule_busy_on_edge'))));

-- rule turns-high -> rule turns-high

CREATE DATABASE IF NOT EXISTS `rule turns-high`;

USE `rule turns-high`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `device`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -2481866346 AND NOT `_late`;

INSERT INTO `sinks`.`rule turns-high` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"remembering","rule":"turns-high","rule_version":"4dd7d173","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"id":?,"card":?,"device":?,"amount":?,"at":?,"large":?,"devices":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/remembering/turns-high', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `id`, `card`, `device`, `amount`, `at`, `large`, `devices`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# large ones', `large`) AS `_reason` FROM (SELECT * FROM TABLE(on_edge((SELECT *, (`amount` > 1000 AND `large` >= (3)) AS `_meets`, (`large` < (3)) AS `_resets` FROM (SELECT `id`, `card`, `device`, `amount`, `at`, `_time`, `_id`, `_length`, COUNT(CASE WHEN (`amount` > 1000) THEN 1 END) OVER w AS `large`, COUNT(DISTINCT `device`) OVER w AS `devices`, COUNT(*) OVER w AS `_count`, recent_ids(`_time`, `_id`) OVER w AS `_recent` FROM (SELECT * FROM TABLE(since((SELECT *, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `payments`) PARTITION BY (`card`) ORDER BY (`_time`, `_length`, `_id`), CAST(31536000000 AS BIGINT), DEFAULT, 'rule_turns-high_since'))) WINDOW w AS (PARTITION BY `card`, `_since` ORDER BY `_time`))) PARTITION BY (`card`) ORDER BY (`_time`, `_length` DESC, `_id` DESC), CAST(31536000000 AS BIGINT), DEFAULT, 'rule_turns-high_on_edge'))));

-- rule new-device -> rule new-device

CREATE DATABASE IF NOT EXISTS `rule new-device`;

USE `rule new-device`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `device`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -848343813 AND NOT `_late`;

INSERT INTO `sinks`.`rule new-device` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"remembering","rule":"new-device","rule_version":"9f270ab6","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"id":?,"card":?,"device":?,"amount":?,"at":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/remembering/new-device', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `id`, `card`, `device`, `amount`, `at`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# is new on #', `card`, `device`) AS `_reason` FROM (SELECT * FROM TABLE(first_seen((SELECT `id`, `card`, `device`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length`, CAST(`device` AS STRING) AS `_value device` FROM `payments` WHERE (`amount` > 1) AND has_key('rule new-device', 'value device', CAST(`event_id` AS STRING), `device`)) PARTITION BY (`card`) ORDER BY (`_time`, `_length`, `_id`), CAST(7776000000 AS BIGINT), CAST(604800000 AS BIGINT), DEFAULT, 'rule_new-device_first_seen'))));

-- rule new-pair -> rule new-pair

CREATE DATABASE IF NOT EXISTS `rule new-pair`;

USE `rule new-pair`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `device`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3434681058 AND NOT `_late`;

INSERT INTO `sinks`.`rule new-pair` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"remembering","rule":"new-pair","rule_version":"47cce526","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"id":?,"card":?,"device":?,"amount":?,"at":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/remembering/new-pair', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `id`, `card`, `device`, `amount`, `at`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# is new on #', `card`, `device`) AS `_reason` FROM (SELECT * FROM TABLE(first_seen((SELECT `id`, `card`, `device`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length`, CONCAT_WS('|', REPLACE(REPLACE(COALESCE(CAST(`device` AS STRING), ''), '\', '\\'), '|', '\|'), REPLACE(REPLACE(COALESCE(CAST(`at` AS STRING), ''), '\', '\\'), '|', '\|')) AS `_value device at` FROM `payments` WHERE has_key('rule new-pair', 'value device', CAST(`event_id` AS STRING), `device`)) PARTITION BY (`card`, `amount`) ORDER BY (`_time`, `_length`, `_id`), CAST(7776000000 AS BIGINT), CAST(0 AS BIGINT), DEFAULT, 'rule_new-pair_first_seen'))));

-- rule dormant -> rule dormant

CREATE DATABASE IF NOT EXISTS `rule dormant`;

USE `rule dormant`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `device`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -2294419960 AND NOT `_late`;

INSERT INTO `sinks`.`rule dormant` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"remembering","rule":"dormant","rule_version":"67b86918","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?,?]},"row":{"id":?,"card":?,"device":?,"amount":?,"at":?,"gap":?,"previous":{"id":?,"device":?,"amount":?,"at":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/remembering/dormant', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 2, `_previous_id`, `_id`, `id`, `card`, `device`, `amount`, `at`, `_gap`, `previous.id`, `previous.device`, `previous.amount`, `previous.at`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# s after # on #', `_gap`, `previous.amount`, `previous.device`) AS `_reason` FROM (SELECT * FROM TABLE(on_edge((SELECT *, (`_gap` > 90 * 86400 AND `amount` > `previous.amount` * 2) AS `_meets`, (`amount` < `previous.amount`) AS `_resets` FROM (SELECT * FROM TABLE(with_previous((SELECT `id`, `card`, `device`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `payments` WHERE (`amount` > 1)) PARTITION BY (`card`) ORDER BY (`_time`, `_length`, `_id`), CAST(31536000000 AS BIGINT), DEFAULT, 'rule_dormant_with_previous')))) PARTITION BY (`card`) ORDER BY (`_time`, `_length` DESC, `_id` DESC), CAST(86400000 AS BIGINT), DEFAULT, 'rule_dormant_on_edge'))));
