CREATE DATABASE IF NOT EXISTS `sources`;

CREATE DATABASE IF NOT EXISTS `sinks`;

CREATE TEMPORARY SYSTEM FUNCTION first_id AS 'io.frauddetector.flink.FirstId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION last_id AS 'io.frauddetector.flink.LastId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION recent_ids AS 'io.frauddetector.flink.RecentIds' LANGUAGE JAVA;

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
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS `_event_time` - INTERVAL '5' SECOND(2)
) WITH (
  'connector' = 'kafka',
  'topic' = 'order',
  'properties.group.id' = 'default.names',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'scan.watermark.idle-timeout' = '30000 ms',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'event_time',
  'fraud-event.event-time.format' = 'EPOCH_MILLIS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'select;from;value;Value;event_id;event_time',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sources`.`table` (
  `select` STRING,
  `timestamp` STRING,
  `row` BIGINT,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS `_event_time` - INTERVAL '5' SECOND(2)
) WITH (
  'connector' = 'kafka',
  'topic' = 'table',
  'properties.group.id' = 'default.names',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'scan.watermark.idle-timeout' = '30000 ms',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'timestamp',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'select;timestamp;row',
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

INSERT INTO `sinks`.`stream order late` SELECT `_raw`, MAP['stream', CAST('order' AS BYTES), 'topic', CAST('order' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`order` WHERE `_error` IS NULL AND `_event_time` <= CURRENT_WATERMARK(`_event_time`);

-- stream table -> stream table dead-letters

INSERT INTO `sinks`.`stream table dead-letters` SELECT `_raw`, MAP['stream', CAST('table' AS BYTES), 'topic', CAST('table' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`table` WHERE `_error` IS NOT NULL;

-- stream table -> stream table late

INSERT INTO `sinks`.`stream table late` SELECT `_raw`, MAP['stream', CAST('table' AS BYTES), 'topic', CAST('table' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`table` WHERE `_error` IS NULL AND `_event_time` <= CURRENT_WATERMARK(`_event_time`);

-- output select -> output select

CREATE DATABASE IF NOT EXISTS `output select`;

USE `output select`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -3900903151;

INSERT INTO `sinks`.`output select` SELECT `select`, `from` FROM `order`;

-- output 0 -> output 0

INSERT INTO `sinks`.`output 0` SELECT `_raw` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -2040226402 AND ((`value` > `Value` AND `from` > 1)) IS NOT TRUE;

-- rule filter -> rule filter

CREATE DATABASE IF NOT EXISTS `rule filter`;

USE `rule filter`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -2104877536;

INSERT INTO `sinks`.`rule filter` SELECT CONCAT('two/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/filter', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'names', KEY 'rule' VALUE 'filter', KEY 'rule_version' VALUE '8a81a118', KEY 'severity' VALUE 'Medium', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'two', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE 1, KEY 'ids' VALUE JSON_ARRAY(`_id`)), KEY 'row' VALUE JSON_OBJECT(KEY 'select' VALUE `select`, KEY 'group' VALUE `group`, KEY 'from' VALUE `from`, KEY 'value' VALUE `value`, KEY 'Value' VALUE `Value`)) FROM (SELECT *, CONCAT_WS('|', REPLACE(REPLACE(COALESCE(CAST(`select` AS STRING), ''), '\', '\\'), '|', '\|'), REPLACE(REPLACE(COALESCE(CAST(`group` AS STRING), ''), '\', '\\'), '|', '\|')) AS `_entity`, CONCAT(COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`value` AS DECIMAL(38, 4)) AS STRING))), CAST(`value` AS STRING)), 'null'), ' and ', COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`Value` AS DECIMAL(38, 4)) AS STRING))), CAST(`Value` AS STRING)), 'null'), ' from ', COALESCE(CAST(`from` AS STRING), 'null')) AS `_reason`, `_id` AS `_identity` FROM (SELECT `select`, `group`, `from`, `value`, `Value`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `order` WHERE (`value` > `Value` AND `from` > 1)));

-- rule velocity -> rule velocity

CREATE DATABASE IF NOT EXISTS `rule velocity`;

USE `rule velocity`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -308668876 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

CREATE TEMPORARY VIEW `join` AS SELECT `select`, `group`, `value`, event_time, event_id FROM `order`;

INSERT INTO `sinks`.`rule velocity` SELECT CONCAT('one/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/velocity', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'names', KEY 'rule' VALUE 'velocity', KEY 'rule_version' VALUE '46b9b661', KEY 'severity' VALUE 'Medium', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'one', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE `_count`, KEY 'ids' VALUE JSON(`_recent`)), KEY 'row' VALUE JSON_OBJECT(KEY 'select' VALUE `select`, KEY 'group' VALUE `group`, KEY 'value' VALUE `value`, KEY 'count' VALUE `count`, KEY 'sum' VALUE `sum`)) FROM (SELECT *, CAST(`group` AS STRING) AS `_entity`, CONCAT(COALESCE(CAST(`count` AS STRING), 'null'), ' and ', COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`sum` AS DECIMAL(38, 4)) AS STRING))), CAST(`sum` AS STRING)), 'null')) AS `_reason`, `_id` AS `_identity` FROM (SELECT * FROM (SELECT `select`, `group`, `value`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `count`, SUM(`value`) OVER w AS `sum`, COUNT(*) OVER w AS `_count`, recent_ids(CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `join` WHERE `group` IS NOT NULL WINDOW w AS (PARTITION BY `group` ORDER BY `event_time` RANGE BETWEEN INTERVAL '1' HOUR(2) PRECEDING AND CURRENT ROW)) WHERE (`count` > 1 AND `sum` > 2)));

-- rule window -> rule window

CREATE DATABASE IF NOT EXISTS `rule window`;

USE `rule window`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -4022462844 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

INSERT INTO `sinks`.`rule window` SELECT CONCAT('one/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/window', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'names', KEY 'rule' VALUE 'window', KEY 'rule_version' VALUE '6240aa2e', KEY 'severity' VALUE 'Medium', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'one', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_end' VALUE DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE `_count`, KEY 'ids' VALUE JSON(CASE WHEN `_count` = 1 THEN JSON_ARRAY(`_first`) ELSE JSON_ARRAY(`_first`, `_last`) END)), KEY 'row' VALUE JSON_OBJECT(KEY 'select' VALUE `select`, KEY 'count' VALUE `count`, KEY 'window_start' VALUE DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_end' VALUE DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''))) FROM (SELECT *, CAST(`select` AS STRING) AS `_entity`, CONCAT(COALESCE(CAST(`count` AS STRING), 'null')) AS `_reason`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity` FROM (SELECT * FROM (SELECT `select`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, COUNT(CASE WHEN (`from` > 1) THEN 1 END) AS `count`, COUNT(*) AS `_count`, first_id(`event_time`, CAST(`event_id` AS STRING)) AS `_first`, last_id(`event_time`, CAST(`event_id` AS STRING)) AS `_last` FROM TABLE(TUMBLE((SELECT * FROM `order`), DESCRIPTOR(`event_time`), INTERVAL '1' HOUR(2))) GROUP BY `select`, `window_start`, `window_end`, `window_time`) WHERE (`count` > 1)));

-- rule join -> rule join

CREATE DATABASE IF NOT EXISTS `rule join`;

USE `rule join`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -4039539529 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

CREATE TEMPORARY VIEW `table` AS SELECT `select`, `timestamp`, `row`, `_event_time` AS `event_time`, CAST(`row` AS STRING) AS `event_id` FROM `sources`.`table` WHERE `_error` IS NULL AND `_offset` > -4039539529 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

INSERT INTO `sinks`.`rule join` SELECT CONCAT('one/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/join', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'names', KEY 'rule' VALUE 'join', KEY 'rule_version' VALUE '656f70e7', KEY 'severity' VALUE 'Medium', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'one', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE 2, KEY 'ids' VALUE JSON_ARRAY(`_left`, `_right`)), KEY 'row' VALUE JSON_OBJECT(KEY 'order' VALUE JSON_OBJECT(KEY 'select' VALUE `order.select`, KEY 'group' VALUE `order.group`, KEY 'from' VALUE `order.from`, KEY 'value' VALUE `order.value`, KEY 'Value' VALUE `order.Value`), KEY 'table' VALUE JSON_OBJECT(KEY 'select' VALUE `table.select`, KEY 'timestamp' VALUE `table.timestamp`, KEY 'row' VALUE `table.row`))) FROM (SELECT *, CAST(`order.select` AS STRING) AS `_entity`, CONCAT(COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`order.value` AS DECIMAL(38, 4)) AS STRING))), CAST(`order.value` AS STRING)), 'null'), ' and ', COALESCE(CAST(`table.row` AS STRING), 'null')) AS `_reason`, CONCAT_WS('/', `_left`, `_right`) AS `_identity` FROM (SELECT `order`.`select` AS `order.select`, `order`.`group` AS `order.group`, `order`.`from` AS `order.from`, `order`.`value` AS `order.value`, `order`.`Value` AS `order.Value`, `table`.`select` AS `table.select`, `table`.`timestamp` AS `table.timestamp`, `table`.`row` AS `table.row`, `order`.`event_time` AS `_time`, CAST(`order`.`event_id` AS STRING) AS `_left`, CAST(`table`.`event_id` AS STRING) AS `_right` FROM `order` JOIN `table` ON `order`.`select` = `table`.`select` AND `table`.`event_time` BETWEEN `order`.`event_time` - INTERVAL '1' HOUR(2) AND `order`.`event_time` + INTERVAL '1' HOUR(2) WHERE (`order`.`from` > `table`.`row`)));

-- rule sequence -> rule sequence

CREATE DATABASE IF NOT EXISTS `rule sequence`;

USE `rule sequence`;

CREATE TEMPORARY VIEW `order` AS SELECT `select`, `group`, `from`, `value`, `Value`, `_event_time` AS `event_time`, `event_id` AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -509233298 AND (CURRENT_WATERMARK(`_event_time`) IS NULL OR `_event_time` > CURRENT_WATERMARK(`_event_time`));

INSERT INTO `sinks`.`rule sequence` SELECT CONCAT('one/', COALESCE(`_entity`, '')), JSON_OBJECT(KEY 'alert_id' VALUE SUBSTRING(SHA256(CONCAT_WS('/', 'default/names/sequence', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), KEY 'namespace' VALUE 'default', KEY 'detector' VALUE 'names', KEY 'rule' VALUE 'sequence', KEY 'rule_version' VALUE '101c3ee1', KEY 'severity' VALUE 'Medium', KEY 'mode' VALUE 'Enforce', KEY 'entity' VALUE JSON_OBJECT(KEY 'type' VALUE 'one', KEY 'id' VALUE `_entity`), KEY 'event_time' VALUE DATE_FORMAT(`_time`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), KEY 'window_start' VALUE CAST(NULL AS STRING), KEY 'window_end' VALUE CAST(NULL AS STRING), KEY 'reason' VALUE `_reason`, KEY 'evidence' VALUE JSON_OBJECT(KEY 'count' VALUE 2, KEY 'ids' VALUE JSON_ARRAY(`_id0`, `_id1`)), KEY 'row' VALUE JSON_OBJECT(KEY 'select' VALUE `select`, KEY 'from' VALUE JSON_OBJECT(KEY 'group' VALUE `from.group`, KEY 'from' VALUE `from.from`, KEY 'value' VALUE `from.value`, KEY 'Value' VALUE `from.Value`), KEY 'to' VALUE JSON_OBJECT(KEY 'group' VALUE `to.group`, KEY 'from' VALUE `to.from`, KEY 'value' VALUE `to.value`, KEY 'Value' VALUE `to.Value`))) FROM (SELECT *, CAST(`select` AS STRING) AS `_entity`, CONCAT(COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`from.value` AS DECIMAL(38, 4)) AS STRING))), CAST(`from.value` AS STRING)), 'null'), ' and ', COALESCE(COALESCE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(`to.value` AS DECIMAL(38, 4)) AS STRING))), CAST(`to.value` AS STRING)), 'null')) AS `_reason`, CONCAT_WS('/', `_id0`, `_id1`) AS `_identity` FROM (SELECT * FROM (SELECT * FROM `order`) MATCH_RECOGNIZE (PARTITION BY `select` ORDER BY `event_time` MEASURES LAST(S0.`group`) AS `from.group`, LAST(S0.`from`) AS `from.from`, LAST(S0.`value`) AS `from.value`, LAST(S0.`Value`) AS `from.Value`, LAST(S1.`group`) AS `to.group`, LAST(S1.`from`) AS `to.from`, LAST(S1.`value`) AS `to.value`, LAST(S1.`Value`) AS `to.Value`, CAST(LAST(S0.`event_id`) AS STRING) AS `_id0`, CAST(LAST(S1.`event_id`) AS STRING) AS `_id1`, MATCH_ROWTIME() AS `_time` ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (S0 G1*? S1) WITHIN INTERVAL '1' HOUR(2) DEFINE S0 AS (S0.`from` = 1), S1 AS (S1.`from` = 2))));
