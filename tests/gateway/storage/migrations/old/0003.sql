CREATE TABLE clips (
	ref VARCHAR(32) NOT NULL,
	recorded_on VARCHAR(40) NOT NULL,
	"trigger" VARCHAR(16) NOT NULL,
	duration_ms INTEGER NOT NULL,
	device VARCHAR(80),
	customer VARCHAR(80),
	given_name VARCHAR(80),
	locality VARCHAR(160),
	latitude FLOAT,
	longitude FLOAT,
	words BLOB,
	withheld VARCHAR(40),
	withdrawn VARCHAR(40),
	withdrawn_by VARCHAR(64),
	withdrawn_at FLOAT,
	kept_on VARCHAR(10) NOT NULL,
	published BOOLEAN NOT NULL,
	PRIMARY KEY (ref)
)
 WITHOUT ROWID;
CREATE INDEX ix_clips_kept_on ON clips (kept_on);
CREATE INDEX ix_clips_published ON clips (published);
CREATE INDEX ix_clips_withdrawn_at ON clips (withdrawn_at);
CREATE INDEX ix_clips_withdrawn_by ON clips (withdrawn_by);
CREATE TABLE kept_sessions (
	"key" VARCHAR(64) NOT NULL,
	PRIMARY KEY ("key")
)
 WITHOUT ROWID;
CREATE TABLE publication (
	id INTEGER NOT NULL,
	at FLOAT NOT NULL,
	PRIMARY KEY (id)
)
 WITHOUT ROWID;
CREATE TABLE annotations (
	ref VARCHAR(32) NOT NULL,
	number INTEGER NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	note BLOB,
	intent VARCHAR(40) NOT NULL,
	effective VARCHAR(16) NOT NULL,
	heard JSON NOT NULL,
	false_activation BOOLEAN NOT NULL,
	speakers JSON NOT NULL,
	annotated_at VARCHAR(40) NOT NULL,
	PRIMARY KEY (ref, number),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID;
CREATE INDEX ix_annotations_reviewer ON annotations (reviewer);
CREATE TABLE claims (
	ref VARCHAR(32) NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	until FLOAT NOT NULL,
	done BOOLEAN NOT NULL,
	heard BOOLEAN NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID;
CREATE INDEX ix_claims_reviewer ON claims (reviewer);
CREATE INDEX ix_claims_until ON claims (until);
CREATE TABLE drafts (
	ref VARCHAR(32) NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	note BLOB NOT NULL,
	PRIMARY KEY (ref, reviewer),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID;
CREATE TABLE flags (
	ref VARCHAR(32) NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID;
CREATE TABLE handled (
	ref VARCHAR(32) NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	how VARCHAR(32) NOT NULL,
	on_day VARCHAR(10) NOT NULL,
	PRIMARY KEY (ref, reviewer),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID;
CREATE INDEX ix_handled_reviewer_day ON handled (reviewer, on_day);
CREATE TABLE joins (
	ref VARCHAR(32) NOT NULL,
	tag VARCHAR(64) NOT NULL,
	spans_digest VARCHAR(64) NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID;
CREATE INDEX ix_joins_tag ON joins (tag);
CREATE TABLE owners (
	ref VARCHAR(32) NOT NULL,
	owner VARCHAR(200) NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID;
CREATE INDEX ix_owners_owner ON owners (owner);
CREATE TABLE sounds (
	ref VARCHAR(32) NOT NULL,
	wav BLOB NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID;
CREATE TABLE waiting (
	ref VARCHAR(32) NOT NULL,
	turn BIGINT NOT NULL,
	wanted INTEGER NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID;
CREATE INDEX ix_waiting_turn ON waiting (turn);
