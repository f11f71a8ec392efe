"""What the database itself refuses about annotations, whoever asks and by whatever program."""

from django.db import migrations

SEALED = ("annotation", "revision", "review", "protocol", "snapshot", "snapshotmember")
KEPT = ("item", "signature")  # change by rule, never go

FUNCTIONS = """
CREATE FUNCTION annotations_refuse() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '%: % is refused; what is sealed stays', TG_TABLE_NAME, lower(TG_OP)
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION annotations_item_step() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' OR NEW.version <> 1 OR NEW.reviewer_id IS NOT NULL THEN
      RAISE EXCEPTION 'an item begins as a draft, version 1' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.id, NEW.project_id, NEW.series_id, NEW.protocol_id, NEW.annotator_id, NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.project_id, OLD.series_id, OLD.protocol_id, OLD.annotator_id, OLD.created_at)
  THEN
    RAISE EXCEPTION 'what an item is about never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'a step raises the version by one' USING ERRCODE = 'check_violation';
  END IF;
  IF NOT (OLD.state || '>' || NEW.state) = ANY (ARRAY[
      'draft>submitted', 'submitted>in_review', 'submitted>rejected',
      'in_review>in_review', 'in_review>rejected',
      'in_review>accepted', 'in_review>corrected_and_accepted',
      'rejected>draft', 'accepted>draft', 'corrected_and_accepted>draft'])
  THEN
    RAISE EXCEPTION 'no step leads from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state IN ('accepted', 'corrected_and_accepted') AND NOT EXISTS (
      SELECT FROM public.annotations_signature s
      WHERE s.item_id = NEW.id AND s.signer_id = NEW.reviewer_id AND s.superseded_at IS NULL)
  THEN
    RAISE EXCEPTION 'accepted needs a signature that holds' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state = 'draft' AND EXISTS (
      SELECT FROM public.annotations_signature s
      WHERE s.item_id = NEW.id AND s.superseded_at IS NULL)
  THEN
    RAISE EXCEPTION 'reopening supersedes what was signed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION annotations_revision_follows() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (
      SELECT FROM public.annotations_annotation a
      JOIN public.annotations_item i ON i.id = a.item_id
      JOIN public.annotations_instance n ON n.series_id = i.series_id
      WHERE a.id = NEW.annotation_id AND n.id = NEW.instance_id
        AND i.state IN ('draft', 'submitted', 'in_review'))
  THEN
    RAISE EXCEPTION 'a revision is sealed on its own series, before acceptance'
      USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.number > 1 AND NOT EXISTS (
      SELECT FROM public.annotations_revision r
      WHERE r.annotation_id = NEW.annotation_id AND r.number = NEW.number - 1
        AND r.content_hash = NEW.parent_hash)
  THEN
    RAISE EXCEPTION 'a revision follows the one before' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION annotations_second_person() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM public.annotations_item i
             WHERE i.id = NEW.item_id AND i.annotator_id = NEW.reviewer_id)
  THEN
    RAISE EXCEPTION 'nobody reviews a reading of their own' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION annotations_signature_rule() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.superseded_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM public.annotations_review r
        WHERE r.id = NEW.review_id AND r.item_id = NEW.item_id
          AND r.reviewer_id = NEW.signer_id)
    THEN
      RAISE EXCEPTION 'a review is signed by the person who gave it'
        USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.superseded_at IS NOT NULL OR NEW.superseded_at IS NULL
     OR to_jsonb(OLD) - '{superseded_at,superseded_by_id,cause}'::text[]
        <> to_jsonb(NEW) - '{superseded_at,superseded_by_id,cause}'::text[]
  THEN
    RAISE EXCEPTION 'a signature is superseded once, and otherwise never changed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION annotations_one_subset() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (SELECT FROM public.annotations_snapshotmember m
             WHERE m.snapshot_id = NEW.snapshot_id AND m.subject_code = NEW.subject_code
               AND m.subset <> NEW.subset)
  THEN
    RAISE EXCEPTION 'a subject is in one subset' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER step BEFORE INSERT OR UPDATE ON annotations_item
  FOR EACH ROW EXECUTE FUNCTION annotations_item_step();
CREATE TRIGGER follows BEFORE INSERT ON annotations_revision
  FOR EACH ROW EXECUTE FUNCTION annotations_revision_follows();
CREATE TRIGGER second_person BEFORE INSERT ON annotations_review
  FOR EACH ROW EXECUTE FUNCTION annotations_second_person();
CREATE TRIGGER rule BEFORE INSERT OR UPDATE ON annotations_signature
  FOR EACH ROW EXECUTE FUNCTION annotations_signature_rule();
CREATE TRIGGER one_subset BEFORE INSERT ON annotations_snapshotmember
  FOR EACH ROW EXECUTE FUNCTION annotations_one_subset();
CREATE INDEX annotations_member_subject
  ON annotations_snapshotmember (snapshot_id, subject_code);

ALTER TABLE annotations_item ENABLE ALWAYS TRIGGER step;
ALTER TABLE annotations_revision ENABLE ALWAYS TRIGGER follows;
ALTER TABLE annotations_review ENABLE ALWAYS TRIGGER second_person;
ALTER TABLE annotations_signature ENABLE ALWAYS TRIGGER rule;
ALTER TABLE annotations_snapshotmember ENABLE ALWAYS TRIGGER one_subset;
"""

HASHES = "".join(
    f"ALTER TABLE annotations_{table} ADD CONSTRAINT {table}_hash_is_of_its_bytes "
    "CHECK (content_hash = encode(sha256(content), 'hex'));\n"
    for table in ("revision", "review", "protocol", "snapshot")
) + """
ALTER TABLE annotations_signature ADD CONSTRAINT signature_hash_is_of_its_bytes
  CHECK (manifest_hash = encode(sha256(convert_to(manifest, 'UTF8')), 'hex'));
"""


def _guard(table: str, acts: str) -> str:
    return f"""
CREATE TRIGGER sealed BEFORE {acts} ON annotations_{table}
  FOR EACH ROW EXECUTE FUNCTION annotations_refuse();
CREATE TRIGGER sealed_whole BEFORE TRUNCATE ON annotations_{table}
  FOR EACH STATEMENT EXECUTE FUNCTION annotations_refuse();
ALTER TABLE annotations_{table} ENABLE ALWAYS TRIGGER sealed;
ALTER TABLE annotations_{table} ENABLE ALWAYS TRIGGER sealed_whole;
"""


GUARDS = "".join(
    [_guard(table, "UPDATE OR DELETE") for table in SEALED]
    + [_guard(table, "DELETE") for table in KEPT]
)


class Migration(migrations.Migration):
    dependencies = [("annotations", "0002_flow")]

    operations = [migrations.RunSQL(FUNCTIONS + HASHES + GUARDS)]
