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

CREATE TEMPORARY TABLE `sources`.`payment` (
  `createTime` STRING,
  `orderId` STRING,
  `payAmount` DECIMAL(12, 2),
  `payPlatform` INT,
  `provinceId` INT,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'payment',
  'properties.group.id' = 'default.payments',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'createTime',
  'fraud-event.event-time.format' = 'SQL',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'createTime;orderId;payAmount;payPlatform;provinceId',
  'stream' = 'payment',
  'out-of-orderness' = '10000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'order',
  'settle' = '1 s',
  'properties.bootstrap.servers' = 'kafka:9092'
);

CREATE TEMPORARY TABLE `sources`.`order` (
  `createTime` STRING,
  `orderId` STRING,
  `category` STRING,
  `merchantId` INT,
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
  'properties.group.id' = 'default.payments',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'createTime',
  'fraud-event.event-time.format' = 'SQL',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'createTime;orderId;category;merchantId',
  'stream' = 'order',
  'out-of-orderness' = '10000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'payment',
  'settle' = '1 s',
  'properties.bootstrap.servers' = 'kafka:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream payment dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.payments.payment.dead-letters',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream payment late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.payments.late',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream order dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.payments.order.dead-letters',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
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
  'topic' = 'default.payments.late',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output sink` (
  `orderId` STRING,
  `payTime` STRING,
  `orderTime` STRING,
  `payAmount` DECIMAL(12, 2),
  `payPlatform` INT,
  `provinceId` INT,
  `category` STRING,
  `merchantId` INT
) WITH (
  'connector' = 'kafka',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'sink',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule payment-without-order` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.payments.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule large-payment` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.payments.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule province-spend` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.payments.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

-- stream payment -> stream payment dead-letters

INSERT INTO `sinks`.`stream payment dead-letters` SELECT `_raw`, MAP['stream', CAST('payment' AS BYTES), 'topic', CAST('payment' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`payment` WHERE `_error` IS NOT NULL;

-- stream payment -> stream payment late

INSERT INTO `sinks`.`stream payment late` SELECT `_raw`, MAP['stream', CAST('payment' AS BYTES), 'topic', CAST('payment' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`payment` WHERE `_error` IS NULL AND `_late`;

-- stream order -> stream order dead-letters

INSERT INTO `sinks`.`stream order dead-letters` SELECT `_raw`, MAP['stream', CAST('order' AS BYTES), 'topic', CAST('order' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`order` WHERE `_error` IS NOT NULL;

-- stream order -> stream order late

INSERT INTO `sinks`.`stream order late` SELECT `_raw`, MAP['stream', CAST('order' AS BYTES), 'topic', CAST('order' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`order` WHERE `_error` IS NULL AND `_late`;

-- output sink -> output sink

CREATE DATABASE IF NOT EXISTS `output sink`;

USE `output sink`;

CREATE TEMPORARY VIEW `payment` AS SELECT `createTime`, `orderId`, `payAmount`, `payPlatform`, `provinceId`, `_event_time` AS `event_time`, CAST(`orderId` AS STRING) AS `event_id` FROM `sources`.`payment` WHERE `_error` IS NULL AND `_offset` > -2806227811 AND NOT `_late`;

CREATE TEMPORARY VIEW `order` AS SELECT `createTime`, `orderId`, `category`, `merchantId`, `_event_time` AS `event_time`, CAST(`orderId` AS STRING) AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -2806227811 AND NOT `_late`;

INSERT INTO `sinks`.`output sink` SELECT * FROM (SELECT p.orderId, p.createTime, o.createTime, p.payAmount, p.payPlatform, p.provinceId,
       o.category, o.merchantId
FROM payment AS p JOIN `order` AS o ON p.orderId = o.orderId AND o.event_time BETWEEN p.event_time - INTERVAL '15' MINUTE AND p.event_time + INTERVAL '15' MINUTE) AS written(`orderId`, `payTime`, `orderTime`, `payAmount`, `payPlatform`, `provinceId`, `category`, `merchantId`) WHERE writable('output sink', 0, `orderId`, `payTime`, `orderTime`, `payAmount`, `payPlatform`, `provinceId`, `category`, `merchantId`);

-- rule payment-without-order -> rule payment-without-order

CREATE DATABASE IF NOT EXISTS `rule payment-without-order`;

USE `rule payment-without-order`;

CREATE TEMPORARY VIEW `payment` AS SELECT `createTime`, `orderId`, `payAmount`, `payPlatform`, `provinceId`, `_event_time` AS `event_time`, CAST(`orderId` AS STRING) AS `event_id` FROM `sources`.`payment` WHERE `_error` IS NULL AND `_offset` > -748313149 AND NOT `_late`;

CREATE TEMPORARY VIEW `order` AS SELECT `createTime`, `orderId`, `category`, `merchantId`, `_event_time` AS `event_time`, CAST(`orderId` AS STRING) AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -748313149 AND NOT `_late`;

INSERT INTO `sinks`.`rule payment-without-order` SELECT CONCAT('order/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"payments","rule":"payment-without-order","rule_version":"ab110d7a","severity":"High","mode":"Enforce","entity":{"type":"order","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"payment":{"createTime":?,"orderId":?,"payAmount":?,"payPlatform":?,"provinceId":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/payments/payment-without-order', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_left`, `payment.createTime`, `payment.orderId`, `payment.payAmount`, `payment.payPlatform`, `payment.provinceId`) FROM (SELECT *, CAST(`payment.orderId` AS STRING) AS `_entity`, `_left` AS `_identity`, fill_text('payment of # without an order within 15 minutes', `payment.payAmount`) AS `_reason` FROM (SELECT `payment`.`createTime` AS `payment.createTime`, `payment`.`orderId` AS `payment.orderId`, `payment`.`payAmount` AS `payment.payAmount`, `payment`.`payPlatform` AS `payment.payPlatform`, `payment`.`provinceId` AS `payment.provinceId`, `payment`.`event_time` AS `_time`, CAST(`payment`.`event_id` AS STRING) AS `_left` FROM `payment` LEFT JOIN `order` ON `payment`.`orderId` = `order`.`orderId` AND `order`.`event_time` BETWEEN `payment`.`event_time` - INTERVAL '15' MINUTE(2) AND `payment`.`event_time` + INTERVAL '15' MINUTE(2) WHERE `order`.`event_time` IS NULL));

-- rule large-payment -> rule large-payment

CREATE DATABASE IF NOT EXISTS `rule large-payment`;

USE `rule large-payment`;

CREATE TEMPORARY VIEW `payment` AS SELECT `createTime`, `orderId`, `payAmount`, `payPlatform`, `provinceId`, `_event_time` AS `event_time`, CAST(`orderId` AS STRING) AS `event_id` FROM `sources`.`payment` WHERE `_error` IS NULL AND `_offset` > -286261685;

INSERT INTO `sinks`.`rule large-payment` SELECT CONCAT('order/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"payments","rule":"large-payment","rule_version":"f46d9863","severity":"Medium","mode":"Enforce","entity":{"type":"order","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"createTime":?,"orderId":?,"payAmount":?,"payPlatform":?,"provinceId":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/payments/large-payment', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `createTime`, `orderId`, `payAmount`, `payPlatform`, `provinceId`) FROM (SELECT *, CAST(`orderId` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('payment of # is above 5000', `payAmount`) AS `_reason` FROM (SELECT `createTime`, `orderId`, `payAmount`, `payPlatform`, `provinceId`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payment` WHERE (`payAmount` > (5000))));

-- rule province-spend -> rule province-spend

CREATE DATABASE IF NOT EXISTS `rule province-spend`;

USE `rule province-spend`;

CREATE TEMPORARY VIEW `payment` AS SELECT `createTime`, `orderId`, `payAmount`, `payPlatform`, `provinceId`, `_event_time` AS `event_time`, CAST(`orderId` AS STRING) AS `event_id` FROM `sources`.`payment` WHERE `_error` IS NULL AND `_offset` > -2439016234 AND NOT `_late`;

INSERT INTO `sinks`.`rule province-spend` SELECT CONCAT('province/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"payments","rule":"province-spend","rule_version":"62a7e4e9","severity":"High","mode":"Enforce","entity":{"type":"province","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"createTime":?,"orderId":?,"payAmount":?,"payPlatform":?,"provinceId":?,"spend":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/payments/province-spend', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `createTime`, `orderId`, `payAmount`, `payPlatform`, `provinceId`, `spend`) FROM (SELECT *, fill_text('# spent in province # within 10 minutes, more than 100000', `spend`, `provinceId`) AS `_reason` FROM (SELECT * FROM TABLE(first_only((SELECT *, CAST(`provinceId` AS STRING) AS `_entity`, `_id` AS `_identity`, CHAR_LENGTH(`_id`) AS `_identity_length` FROM (SELECT * FROM (SELECT `createTime`, `orderId`, `payAmount`, `payPlatform`, `provinceId`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, SUM(`payAmount`) OVER w AS `spend`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payment` WINDOW w AS (PARTITION BY `provinceId` ORDER BY `event_time` RANGE BETWEEN INTERVAL '10' MINUTE(2) PRECEDING AND CURRENT ROW)) WHERE (`spend` > (100000)))) PARTITION BY (`_entity`) ORDER BY (`_time`, `_identity_length`, `_identity`), CAST(3600000 AS BIGINT), DEFAULT, 'rule_province-spend_first_only'))));
