import { Link } from "react-router";
import { useMay, useWorkspace } from "@/api/workspace";
import { personPath } from "@/lib/addresses";

/** Somebody by their own id, or by ours where they are anonymous; a link for whoever may see persons. */
export function PersonLink({ person }: { person: { profile_id: string; user_id: string | null } }) {
  const { name } = useWorkspace();
  const may = useMay();
  const id = person.user_id ?? person.profile_id;
  return may("people:read") ? <Link to={personPath(name, id)}>{id}</Link> : <span>{id}</span>;
}
