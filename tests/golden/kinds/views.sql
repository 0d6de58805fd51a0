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

CREATE TEMPORARY TABLE `sources`.`cards` (
  `id` STRING,
  `customer` STRING,
  `amount` DECIMAL(10, 2),
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
  'topic' = 'cards',
  'properties.group.id' = 'default.views',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;customer;amount;at',
  'stream' = 'cards',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'transfers',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sources`.`transfers` (
  `id` STRING,
  `customer` STRING,
  `amount` DECIMAL(10, 2),
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
  'topic' = 'transfers',
  'properties.group.id' = 'default.views',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;customer;amount;at',
  'stream' = 'transfers',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'cards',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sources`.`unused` (
  `id` STRING,
  `customer` STRING,
  `amount` DECIMAL(10, 2),
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
  'topic' = 'unused',
  'properties.group.id' = 'default.views',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'at',
  'fraud-event.nulled' = 'id;customer;amount',
  'stream' = 'unused',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream cards dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.views.cards.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream cards late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.views.late',
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

CREATE TEMPORARY TABLE `sinks`.`stream transfers dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.views.transfers.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream transfers late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.views.late',
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

CREATE TEMPORARY TABLE `sinks`.`stream unused dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.views.unused.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream unused late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.views.late',
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

CREATE TEMPORARY TABLE `sinks`.`rule over-a-view` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.views.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule over-a-view-with-state` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.views.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule window-over-a-view` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.views.alerts',
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

-- stream cards -> stream cards dead-letters

INSERT INTO `sinks`.`stream cards dead-letters` SELECT `_raw`, MAP['stream', CAST('cards' AS BYTES), 'topic', CAST('cards' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`cards` WHERE `_error` IS NOT NULL;

-- stream cards -> stream cards late

INSERT INTO `sinks`.`stream cards late` SELECT `_raw`, MAP['stream', CAST('cards' AS BYTES), 'topic', CAST('cards' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`cards` WHERE `_error` IS NULL AND `_late`;

-- stream transfers -> stream transfers dead-letters

INSERT INTO `sinks`.`stream transfers dead-letters` SELECT `_raw`, MAP['stream', CAST('transfers' AS BYTES), 'topic', CAST('transfers' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`transfers` WHERE `_error` IS NOT NULL;

-- stream transfers -> stream transfers late

INSERT INTO `sinks`.`stream transfers late` SELECT `_raw`, MAP['stream', CAST('transfers' AS BYTES), 'topic', CAST('transfers' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`transfers` WHERE `_error` IS NULL AND `_late`;

-- stream unused -> stream unused dead-letters

INSERT INTO `sinks`.`stream unused dead-letters` SELECT `_raw`, MAP['stream', CAST('unused' AS BYTES), 'topic', CAST('unused' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`unused` WHERE `_error` IS NOT NULL;

-- stream unused -> stream unused late

INSERT INTO `sinks`.`stream unused late` SELECT `_raw`, MAP['stream', CAST('unused' AS BYTES), 'topic', CAST('unused' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`unused` WHERE `_error` IS NULL AND `_late`;

-- rule over-a-view -> rule over-a-view

CREATE DATABASE IF NOT EXISTS `rule over-a-view`;

USE `rule over-a-view`;

CREATE TEMPORARY VIEW `cards` AS SELECT `id`, `customer`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`cards` WHERE `_error` IS NULL AND `_offset` > -881933552;

CREATE TEMPORARY VIEW `transfers` AS SELECT `id`, `customer`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`transfers` WHERE `_error` IS NULL AND `_offset` > -881933552;

CREATE TEMPORARY VIEW `spending` AS SELECT customer, amount, 'card' AS kind, event_time, event_id FROM cards WHERE amount >= (0.50) UNION ALL SELECT customer, amount, 'transfer' AS kind, event_time, event_id FROM transfers;

CREATE TEMPORARY VIEW `large_spending` AS SELECT * FROM spending WHERE amount > 100;

INSERT INTO `sinks`.`rule over-a-view` SELECT CONCAT('customer/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"views","rule":"over-a-view","rule_version":"2d12c473","severity":"Medium","mode":"Enforce","entity":{"type":"customer","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"customer":?,"amount":?,"kind":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/views/over-a-view', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `customer`, `amount`, `kind`) FROM (SELECT *, CAST(`customer` AS STRING) AS `_entity`, CONCAT_WS('/', `_id`, fill_json('{".customer":?,".amount":?,".kind":?}', `customer`, `amount`, `kind`)) AS `_identity`, fill_text('# by #', `amount`, `kind`) AS `_reason` FROM (SELECT * FROM (SELECT `customer`, `amount`, `kind`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `large_spending` WHERE (`kind` = 'card')) WHERE has_key('rule over-a-view', 'key customer', CONCAT_WS('/', `_id`, fill_json('{".customer":?,".amount":?,".kind":?}', `customer`, `amount`, `kind`)), `customer`)));

-- rule over-a-view-with-state -> rule over-a-view-with-state

CREATE DATABASE IF NOT EXISTS `rule over-a-view-with-state`;

USE `rule over-a-view-with-state`;

CREATE TEMPORARY VIEW `cards` AS SELECT `id`, `customer`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`cards` WHERE `_error` IS NULL AND `_offset` > -2289015854 AND NOT `_late`;

CREATE TEMPORARY VIEW `transfers` AS SELECT `id`, `customer`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`transfers` WHERE `_error` IS NULL AND `_offset` > -2289015854 AND NOT `_late`;

CREATE TEMPORARY VIEW `spending` AS SELECT customer, amount, 'card' AS kind, event_time, event_id FROM cards WHERE amount >= (0.50) UNION ALL SELECT customer, amount, 'transfer' AS kind, event_time, event_id FROM transfers;

CREATE TEMPORARY VIEW `large_spending` AS SELECT * FROM spending WHERE amount > 100;

CREATE TEMPORARY VIEW `latest` AS SELECT customer, amount, event_time, event_id,
       SUM(amount) OVER (PARTITION BY customer ORDER BY event_time
                         RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) AS lately
FROM large_spending;

INSERT INTO `sinks`.`rule over-a-view-with-state` SELECT CONCAT('customer/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"views","rule":"over-a-view-with-state","rule_version":"8a291197","severity":"Medium","mode":"Enforce","entity":{"type":"customer","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"customer":?,"amount":?,"lately":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/views/over-a-view-with-state', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `customer`, `amount`, `lately`) FROM (SELECT *, CAST(`customer` AS STRING) AS `_entity`, CONCAT_WS('/', `_id`, fill_json('{".customer":?,".amount":?,".lately":?}', `customer`, `amount`, `lately`)) AS `_identity`, fill_text('# within an hour', `lately`) AS `_reason` FROM (SELECT * FROM (SELECT `customer`, `amount`, `lately`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `latest` WHERE (`lately` > 1000)) WHERE has_key('rule over-a-view-with-state', 'key customer', CONCAT_WS('/', `_id`, fill_json('{".customer":?,".amount":?,".lately":?}', `customer`, `amount`, `lately`)), `customer`)));

-- rule window-over-a-view -> rule window-over-a-view

CREATE DATABASE IF NOT EXISTS `rule window-over-a-view`;

USE `rule window-over-a-view`;

CREATE TEMPORARY VIEW `cards` AS SELECT `id`, `customer`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`cards` WHERE `_error` IS NULL AND `_offset` > -1459109231 AND NOT `_late`;

CREATE TEMPORARY VIEW `transfers` AS SELECT `id`, `customer`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`transfers` WHERE `_error` IS NULL AND `_offset` > -1459109231 AND NOT `_late`;

CREATE TEMPORARY VIEW `spending` AS SELECT customer, amount, 'card' AS kind, event_time, event_id FROM cards WHERE amount >= (0.50) UNION ALL SELECT customer, amount, 'transfer' AS kind, event_time, event_id FROM transfers;

INSERT INTO `sinks`.`rule window-over-a-view` SELECT CONCAT('customer/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"views","rule":"window-over-a-view","rule_version":"0165402c","severity":"Medium","mode":"Enforce","entity":{"type":"customer","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"customer":?,"sum":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/views/window-over-a-view', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `customer`, `sum`, `_start`, `_end`) FROM (SELECT *, CAST(`customer` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('#', `sum`) AS `_reason` FROM (SELECT * FROM (SELECT `customer`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, SUM(`amount`) AS `sum`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(TUMBLE((SELECT * FROM `spending` WHERE has_key('rule window-over-a-view', 'key customer', CAST(`event_id` AS STRING), `customer`)), DESCRIPTOR(`event_time`), INTERVAL '1' HOUR(2))) GROUP BY `customer`, `window_start`, `window_end`, `window_time`) WHERE (`sum` > 1000)));
