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

CREATE TEMPORARY TABLE `sources`.`order` (
  `select` STRING,
  `group` STRING,
  `from` INT,
  `value` DOUBLE,
  `Value` DOUBLE,
  `event_id` STRING,
  `event_time` BIGINT,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'order',
  'properties.group.id' = 'default.names',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'event_time',
  'fraud-event.event-time.format' = 'EPOCH_MILLIS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'select;from;value;Value;event_id;event_time',
  'stream' = 'order',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'table',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sources`.`table` (
  `select` STRING,
  `timestamp` STRING,
  `row` BIGINT,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'table',
  'properties.group.id' = 'default.names',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'timestamp',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'select;timestamp;row',
  'stream' = 'table',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'order',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream order dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.names.order.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream order late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.names.late',
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

CREATE TEMPORARY TABLE `sinks`.`stream table dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.names.table.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream table late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.names.late',
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

CREATE TEMPORARY TABLE `sinks`.`output select` (
  `select` STRING,
  `from` INT
) WITH (
  'connector' = 'kafka',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'select',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output 0` (
  `value` BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = '0',
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

CREATE TEMPORARY TABLE `sinks`.`rule filter` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.names.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule velocity` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.names.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule window` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.names.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule join` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.names.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule sequence` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.names.alerts',
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

-- stream order -> stream order dead-letters

INSERT INTO `sinks`.`stream order dead-letters` SELECT `_raw`, MAP['stream', CAST('order' AS BYTES), 'topic', CAST('order' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`order` WHERE `_error` IS NOT NULL;

-- stream order -> stream order late

INSERT INTO `sinks`.`stream order late` SELECT `_raw`, MAP['stream', CAST('order' AS BYTES), 'topic', CAST('order' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`order` WHERE `_error` IS NULL AND `_late`;

-- stream table -> stream table dead-letters

INSERT INTO `sinks`.`stream table dead-letters` SELECT `_raw`, MAP['stream', CAST('table' AS BYTES), 'topic', CAST('table' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`table` WHERE `_error` IS NOT NULL;

-- stream table -> stream table late

INSERT INTO `sinks`.`stream table late` SELECT `_raw`, MAP['stream', CAST('table' AS BYTES), 'topic', CAST('table' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`table` WHERE `_error` IS NULL AND `_late`;

-- output select -> output select

CREATE DATABASE IF NOT EXISTS `output select`;

USE `output select`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -3900903151;

INSERT INTO `sinks`.`output select` SELECT * FROM (SELECT `select`, `from` FROM `order`) AS written(`select`, `from`) WHERE writable('output select', 0, `select`, `from`);

-- output 0 -> output 0

INSERT INTO `sinks`.`output 0` SELECT `_raw` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -2040226402 AND ((`value` > `Value` AND `from` > 1)) IS NOT TRUE;

-- rule filter -> rule filter

CREATE DATABASE IF NOT EXISTS `rule filter`;

USE `rule filter`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -2104877536;

INSERT INTO `sinks`.`rule filter` SELECT CONCAT('two/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"names","rule":"filter","rule_version":"1cd0204c","severity":"Medium","mode":"Enforce","entity":{"type":"two","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"select":?,"group":?,"from":?,"value":?,"Value":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/filter', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `select`, `group`, `from`, `value`, `Value`) FROM (SELECT *, CONCAT_WS('|', REPLACE(REPLACE(COALESCE(CAST(`select` AS STRING), ''), '\', '\\'), '|', '\|'), REPLACE(REPLACE(COALESCE(CAST(`group` AS STRING), ''), '\', '\\'), '|', '\|')) AS `_entity`, `_id` AS `_identity`, fill_text('# and # from #', `value`, `Value`, `from`) AS `_reason` FROM (SELECT * FROM (SELECT `select`, `group`, `from`, `value`, `Value`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `order` WHERE (`value` > `Value` AND `from` > 1)) WHERE has_key('rule filter', 'key group', `_id`, `group`)));

-- rule velocity -> rule velocity

CREATE DATABASE IF NOT EXISTS `rule velocity`;

USE `rule velocity`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -308668876 AND NOT `_late`;

CREATE TEMPORARY VIEW `join` AS SELECT `select`, `group`, `value`, event_time, event_id FROM `order`;

INSERT INTO `sinks`.`rule velocity` SELECT CONCAT('one/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"names","rule":"velocity","rule_version":"84189e56","severity":"Medium","mode":"Enforce","entity":{"type":"one","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"select":?,"group":?,"value":?,"count":?,"sum":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/velocity', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `select`, `group`, `value`, `count`, `sum`) FROM (SELECT *, CAST(`group` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# and #', `count`, `sum`) AS `_reason` FROM (SELECT * FROM (SELECT `select`, `group`, `value`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `count`, real_sum(`value`) OVER w AS `sum`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `join` WHERE has_key('rule velocity', 'key group', CAST(`event_id` AS STRING), `group`) WINDOW w AS (PARTITION BY `group` ORDER BY `event_time` RANGE BETWEEN INTERVAL '1' HOUR(2) PRECEDING AND CURRENT ROW)) WHERE (`count` > 1 AND `sum` > 2)));

-- rule window -> rule window

CREATE DATABASE IF NOT EXISTS `rule window`;

USE `rule window`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -4022462844 AND NOT `_late`;

INSERT INTO `sinks`.`rule window` SELECT CONCAT('one/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"names","rule":"window","rule_version":"30832552","severity":"Medium","mode":"Enforce","entity":{"type":"one","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"select":?,"count":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/window', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `select`, `count`, `_start`, `_end`) FROM (SELECT *, CAST(`select` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('#', `count`) AS `_reason` FROM (SELECT * FROM (SELECT `select`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, COUNT(CASE WHEN (`from` > 1) THEN 1 END) AS `count`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(TUMBLE((SELECT * FROM `order`), DESCRIPTOR(`event_time`), INTERVAL '1' HOUR(2))) GROUP BY `select`, `window_start`, `window_end`, `window_time`) WHERE (`count` > 1)));

-- rule join -> rule join

CREATE DATABASE IF NOT EXISTS `rule join`;

USE `rule join`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -4039539529 AND NOT `_late`;

CREATE TEMPORARY VIEW `table` AS SELECT `select`, `timestamp`, `row`, `_event_time` AS `event_time`, CAST(`row` AS STRING) AS `event_id` FROM `sources`.`table` WHERE `_error` IS NULL AND `_offset` > -4039539529 AND NOT `_late`;

INSERT INTO `sinks`.`rule join` SELECT CONCAT('one/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"names","rule":"join","rule_version":"4dc96f99","severity":"Medium","mode":"Enforce","entity":{"type":"one","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?,?]},"row":{"order":{"select":?,"group":?,"from":?,"value":?,"Value":?},"table":{"select":?,"timestamp":?,"row":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/join', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING), CAST(`_right_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 2, `_left`, `_right`, `order.select`, `order.group`, `order.from`, `order.value`, `order.Value`, `table.select`, `table.timestamp`, `table.row`) FROM (SELECT *, CAST(`order.select` AS STRING) AS `_entity`, CONCAT_WS('/', `_left`, `_right`) AS `_identity`, fill_text('# and #', `order.value`, `table.row`) AS `_reason` FROM (SELECT `order`.`select` AS `order.select`, `order`.`group` AS `order.group`, `order`.`from` AS `order.from`, `order`.`value` AS `order.value`, `order`.`Value` AS `order.Value`, `table`.`select` AS `table.select`, `table`.`timestamp` AS `table.timestamp`, `table`.`row` AS `table.row`, `order`.`event_time` AS `_time`, CAST(`order`.`event_id` AS STRING) AS `_left`, CAST(`table`.`event_id` AS STRING) AS `_right`, CAST(`table`.`event_time` AS TIMESTAMP_LTZ(3)) AS `_right_time` FROM `order` JOIN `table` ON `order`.`select` = `table`.`select` AND `table`.`event_time` BETWEEN `order`.`event_time` - INTERVAL '1' HOUR(2) AND `order`.`event_time` + INTERVAL '1' HOUR(2) WHERE (`order`.`from` > `table`.`row`)));

-- rule sequence -> rule sequence

CREATE DATABASE IF NOT EXISTS `rule sequence`;

USE `rule sequence`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -509233298 AND NOT `_late`;

INSERT INTO `sinks`.`rule sequence` SELECT CONCAT('one/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"names","rule":"sequence","rule_version":"dfd08950","severity":"Medium","mode":"Enforce","entity":{"type":"one","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?,?]},"row":{"select":?,"from":{"group":?,"from":?,"value":?,"Value":?},"to":{"group":?,"from":?,"value":?,"Value":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/sequence', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_at` AS STRING))), 1, 32), `_entity`, `_at`, `_reason`, 2, `_id0`, `_id1`, `select`, `from.group`, `from.from`, `from.value`, `from.Value`, `to.group`, `to.from`, `to.value`, `to.Value`) FROM (SELECT *, CAST(`select` AS STRING) AS `_entity`, CONCAT_WS('/', `_id0`, `_id1`) AS `_identity`, fill_text('# and #', `from.value`, `to.value`) AS `_reason` FROM (SELECT * FROM (SELECT *, CASE WHEN (`from` = 1) THEN 0 WHEN (`from` = 2) THEN 1 ELSE 2 END + CASE WHEN (`from` = 2) THEN 1 WHEN (`from` = 1) THEN 0 ELSE 2 END AS `_place`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `order` WHERE ((`from` = 1) OR (`from` = 2))) MATCH_RECOGNIZE (PARTITION BY `select` ORDER BY `event_time`, `_place`, `_length`, `event_id` MEASURES LAST(S0.`group`) AS `from.group`, LAST(S0.`from`) AS `from.from`, LAST(S0.`value`) AS `from.value`, LAST(S0.`Value`) AS `from.Value`, LAST(S1.`group`) AS `to.group`, LAST(S1.`from`) AS `to.from`, LAST(S1.`value`) AS `to.value`, LAST(S1.`Value`) AS `to.Value`, CAST(LAST(S0.`event_id`) AS STRING) AS `_id0`, CAST(LAST(S1.`event_id`) AS STRING) AS `_id1`, CAST(LAST(S1.`event_time`) AS TIMESTAMP_LTZ(3)) AS `_at`, MATCH_ROWTIME(`event_time`) AS `_time` ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (S0 G1*? S1) WITHIN INTERVAL '0 01:00:00.001' DAY(2) TO SECOND(3) DEFINE S0 AS (S0.`from` = 1), G1 AS (G1.`from` = 2) IS NOT TRUE, S1 AS (S1.`from` = 2))));
