// A day's work with jira.js. It holds every answer against its own schemas, and here a mismatch is an error.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const [library, host, email, apiToken] = process.argv.slice(2);
const { createAgileClient, createCloudClient } = await import(pathToFileURL(library));
const access = { host, auth: { type: "basic", email, apiToken }, onSchemaMismatch: "throw" };
const jira = createCloudClient(access);
const agile = createAgileClient(access);
const doc = (text) => ({
  type: "doc",
  version: 1,
  content: [{ type: "paragraph", content: [{ type: "text", text }] }],
});
const fields = { project: { key: "SEC" }, issuetype: { name: "Task" } };

assert.equal((await jira.myself.getCurrentUser()).displayName, "Tieout");
assert.equal((await jira.serverInfo.getServerInfo()).deploymentType, "Cloud");
assert.equal((await jira.projects.searchProjects({})).total, 6);
assert.equal((await jira.projects.getProject({ projectIdOrKey: "SEC" })).name, "Security");
assert.equal((await jira.projects.getAllStatuses({ projectIdOrKey: "SEC" }))[0].name, "Task");
await jira.issueFields.getFields();
await jira.issuePriorities.searchPriorities({});
await jira.permissions.getMyPermissions({ permissions: "BROWSE_PROJECTS" });
assert.equal((await jira.userSearch.findUsers({ query: "priya" })).length, 1);

const { key } = await jira.issues.createIssue({ fields: { ...fields, summary: "Door list", description: doc("All.") } });
const rows = [...Array(30).keys()].map((n) => ({ fields: { ...fields, summary: `Row ${n}` } }));
assert.equal((await jira.issues.createIssues({ issueUpdates: rows })).issues.length, 30);
await jira.issues.editIssue({ issueIdOrKey: key, fields: { duedate: "2026-12-01", labels: ["tieout"] } });
const ways = await jira.issues.getTransitions({ issueIdOrKey: key, expand: "transitions.fields" });
const way = ways.transitions.find((one) => one.name === "In Review");
await jira.issues.doTransition({ issueIdOrKey: key, transition: { id: way.id } });
await jira.issueComments.addComment({ issueIdOrKey: key, body: doc("Please look") });
await jira.issueComments.addComment({ issueIdOrKey: key, body: "in plain words" });
assert.equal((await jira.issueComments.getComments({ issueIdOrKey: key })).total, 2);
await jira.issueLinks.linkIssues({ type: { name: "Blocks" }, inwardIssue: { key }, outwardIssue: { key: "SEC-2" } });
const object = { url: "https://a.example", title: "Evidence" };
await jira.issueRemoteLinks.createOrUpdateRemoteIssueLink({ issueIdOrKey: key, globalId: "page=1", object });
assert.equal((await jira.issueRemoteLinks.getRemoteIssueLinks({ issueIdOrKey: key })).length, 1);
const files = { filename: "doors.csv", content: Buffer.from("who,role\n") };
assert.equal((await jira.issueAttachments.addAttachment({ issueIdOrKey: key, attachments: files }))[0].size, 9);
const named = { issueIdOrKey: key, propertyKey: "tieout" };
await jira.issueProperties.setIssueProperty({ ...named, body: { record: 1 } });
assert.deepEqual((await jira.issueProperties.getIssueProperty(named)).value, { record: 1 });
const issue = await jira.issues.getIssue({ issueIdOrKey: key, expand: "changelog,names" });
assert.equal(issue.fields.status.name, "In Review");
assert.equal(issue.fields.issuelinks.length, 1);
assert.ok((await jira.issues.getChangeLogs({ issueIdOrKey: key })).total >= 3);
await jira.issues.getBulkChangelogs({ issueIdsOrKeys: [key] });
const fetched = await jira.issues.bulkFetchIssues({ issueIdsOrKeys: [key], fields: ["*all"], expand: ["changelog"] });
assert.equal(fetched.issues[0].key, key);

const found = [];
let nextPageToken;
do {
  const wanted = { jql: "project = SEC order by key", maxResults: 10, fields: ["summary"], nextPageToken };
  const page = await jira.issueSearch.searchAndReconsileIssuesUsingJql(wanted);
  found.push(...page.issues);
  nextPageToken = page.nextPageToken;
} while (nextPageToken);
assert.equal(found.length, 31);
assert.equal((await jira.issueSearch.countIssues({ jql: "project = SEC" })).count, 31);

const saved = await jira.filters.createFilter({ name: "Open", jql: "project = SEC" });
assert.equal((await jira.filters.getFiltersPaginated({ expand: "owner,jql" })).values[0].id, saved.id);

const board = await agile.board.createBoard({ name: "Audit", type: "scrum", filterId: Number(saved.id) });
assert.deepEqual((await agile.board.getAllBoards({ type: "scrum" })).values.map((one) => one.id), [board.id]);
assert.equal((await agile.board.getConfiguration({ boardId: board.id })).columnConfig.columns.length, 3);
assert.equal((await agile.board.getIssuesForBoard({ boardId: board.id, maxResults: 5 })).issues.length, 5);
assert.equal((await agile.board.getApproximateIssueCountForBoard({ boardId: board.id })).count, 31);
const days = { startDate: "2026-10-05T09:00:00.000Z", endDate: "2026-10-12T09:00:00.000Z" };
const sprint = await agile.sprint.createSprint({ name: "Week 1", originBoardId: board.id, ...days });
await agile.sprint.moveIssuesToSprintAndRank({ sprintId: sprint.id, issues: [key] });
await agile.sprint.partiallyUpdateSprint({ sprintId: sprint.id, state: "active" });
assert.equal((await agile.board.getAllSprints({ boardId: board.id, state: "active" })).values[0].name, "Week 1");
assert.equal((await agile.sprint.getIssuesForSprint({ sprintId: sprint.id })).issues[0].key, key);
await agile.board.deleteBoard({ boardId: board.id });
await assert.rejects(jira.issues.getIssue({ issueIdOrKey: "SEC-99999" }), { name: "NotFoundError", status: 404 });
await jira.issues.deleteIssue({ issueIdOrKey: key });
console.log("done");
